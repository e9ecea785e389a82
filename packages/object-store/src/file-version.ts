import type fs from 'node:fs';
import type { ObjectVersion } from './object-store.ts';

const parts = new BigUint64Array(4);
const words = new Uint32Array(parts.buffer);
const digest = new Uint32Array(4);
const digestBytes = Buffer.from(digest.buffer);

/**
 * A file has no ETag: inode, size and both times (ns) stand for one. They are mixed down to 128 bits: whatever makes
 * it longer is written into the catalog twice for every user.
 */
export function versionOf(stats: fs.BigIntStats): ObjectVersion {
  parts[0] = stats.ino;
  parts[1] = stats.size;
  parts[2] = stats.mtimeNs;
  parts[3] = stats.ctimeNs;
  for (let lane = 0; lane < 4; lane++) digest[lane] = mix(SEEDS[lane] ?? 0);
  return { size: Number(stats.size), etag: digestBytes.toString('base64url') };
}

/** Odd and far apart; nothing else matters about them. */
const SEEDS = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f];

/** Every bit of every word has its say in every bit of the result: multiplied, rotated and xored, word by word. */
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
