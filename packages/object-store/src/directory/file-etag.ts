import type fs from 'node:fs';
import type { ObjectVersion } from '../object-store.ts';

const parts = new BigUint64Array(4);
const words = new Uint32Array(parts.buffer);
const LETTERS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');

/**
 * The ETag of a file is a 128-bit hash of inode, size, mtime and ctime (ns). It is short because the catalog stores
 * it twice per row.
 */
export function versionOf(stats: fs.BigIntStats): ObjectVersion {
  parts[0] = stats.ino;
  parts[1] = stats.size;
  parts[2] = stats.mtimeNs;
  parts[3] = stats.ctimeNs;
  // Four different odd seeds.
  const etag = lettersOf(mix(0x9e3779b1), mix(0x85ebca77), mix(0xc2b2ae3d), mix(0x27d4eb2f));
  return { size: Number(stats.size), etag };
}

/** Multiplies, rotates and xors the words, so that every input bit affects every output bit. */
function mix(seed: number): number {
  let hash = seed;
  for (let i = 0; i < 8; i++) {
    hash = Math.imul(hash ^ (words[i] ?? 0), 0x5bd1e995 ^ seed);
    hash ^= hash >>> 15;
    hash = (hash << 13) | (hash >>> 19);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return hash ^ (hash >>> 15);
}

/** Encodes 128 bits as 22 letters. Encoding through a Buffer takes three times as long. */
function lettersOf(a: number, b: number, c: number, d: number): string {
  const rest = (a >>> 30) | ((b >>> 30) << 2) | ((c >>> 30) << 4) | ((d >>> 30) << 6);
  // biome-ignore format: a word a line
  return String.fromCharCode(
    letter(a), letter(a >>> 6), letter(a >>> 12), letter(a >>> 18), letter(a >>> 24),
    letter(b), letter(b >>> 6), letter(b >>> 12), letter(b >>> 18), letter(b >>> 24),
    letter(c), letter(c >>> 6), letter(c >>> 12), letter(c >>> 18), letter(c >>> 24),
    letter(d), letter(d >>> 6), letter(d >>> 12), letter(d >>> 18), letter(d >>> 24),
    letter(rest), letter(rest >>> 6),
  );
}

const letter = (bits: number): number => LETTERS[bits & 63] ?? 0;
