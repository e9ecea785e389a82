import fs from 'node:fs';
import { versionOf } from './file-version.ts';
import { type ObjectVersion, type ReadObject, StoreError } from './object-store.ts';

/** A pipe that somebody put there would never open otherwise. */
const FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK;

/** An open file, and the version of it: whoever opens it closes `descriptor`. */
export interface OpenFile {
  descriptor: number;
  version: ObjectVersion;
}

/** @throws StoreError not_found for what is no file; and whatever the file system throws */
export function openFile(file: string): OpenFile {
  const descriptor = fs.openSync(file, FLAGS);
  try {
    // The version before the bytes: a file that is written meanwhile then has another one at the next look.
    const stats = fs.fstatSync(descriptor, { bigint: true });
    if (!stats.isFile()) throw new StoreError('not_found', `${file} is no file`);
    return { descriptor, version: versionOf(stats) };
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}

/**
 * The first `maxBytes` bytes of a file.
 *
 * @throws as `openFile`
 */
export function readFile(file: string, maxBytes: number): ReadObject {
  const { descriptor, version } = openFile(file);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(maxBytes, version.size));
    const length = fs.readSync(descriptor, buffer, 0, buffer.length, 0);
    return { ...version, bytes: buffer.subarray(0, length) };
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * The first bytes of something that was listed as a file, for those who read many one after the other.
 *
 * @param into holds them
 * @throws whatever the file system throws; EISDIR for what has become a folder
 */
export function readListed(file: string, into: Buffer): Uint8Array {
  const descriptor = fs.openSync(file, FLAGS);
  try {
    return into.subarray(0, fs.readSync(descriptor, into, 0, into.length, 0));
  } finally {
    fs.closeSync(descriptor);
  }
}
