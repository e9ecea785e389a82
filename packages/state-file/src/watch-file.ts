import fs from 'node:fs';
import { DamagedStateError } from './damage.ts';
import { ensureSameFile, identityOf } from './file-identity.ts';

/** Between two checks, ms. A check takes some microseconds. */
const CHECK_INTERVAL_MS = 1_000;

/** Bytes of SQLite's header that never change while a file is in use: offset and length. */
const FIXED = [
  // "SQLite format 3", page size, file format, reserved space, payload fractions.
  [0, 24],
  // Text encoding and user_version.
  [56, 8],
] as const;
const HEADER_BYTES = 64;

/**
 * Watches whether an open state file is still the file at its path, and whether its header is intact. SQLite notices neither: it
 * continues with the removed file, and with the header in its cache.
 *
 * @param onLost called once with the reason, without a path
 * @returns a function that stops watching. Call it only after every connection to the file is closed: closing a descriptor drops
 *   the locks that SQLite holds on the file
 */
export function watchStateFile(file: string, onLost: (why: string) => void): () => void {
  const descriptor = fs.openSync(file, 'r');
  const opened = identityOf(fs.fstatSync(descriptor));
  const header = fixedPart(descriptor);
  const timer = setInterval(check, CHECK_INTERVAL_MS).unref();

  function check(): void {
    const why = findFault();
    if (why === undefined) return;
    clearInterval(timer);
    onLost(why);
  }

  function findFault(): string | undefined {
    try {
      ensureSameFile(file, opened);
      if (!fixedPart(descriptor).equals(header))
        return 'the header was overwritten while the file was in use';
      return undefined;
    } catch (error) {
      if (error instanceof DamagedStateError) return error.message;
      // The state of the file is unknown. SQLite reports an error of the disk.
      return undefined;
    }
  }

  return () => {
    clearInterval(timer);
    fs.closeSync(descriptor);
  };
}

function fixedPart(descriptor: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  fs.readSync(descriptor, bytes, 0, HEADER_BYTES, 0);
  return Buffer.concat(FIXED.map(([at, length]) => bytes.subarray(at, at + length)));
}
