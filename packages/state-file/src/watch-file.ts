import fs from 'node:fs';

/** Between two checks, ms. One takes some microseconds. */
const CHECK_EVERY_MS = 1_000;

/** Bytes of SQLite's header that never change while a file is in use: offset and length. */
const FIXED = [
  // "SQLite format 3", page size, file format, reserved space, payload fractions.
  [0, 24],
  // Text encoding and user_version.
  [56, 8],
] as const;
const HEADER_BYTES = 64;

/**
 * Watches whether a state file that is open is still the file in its place, and whether its header is intact. SQLite
 * notices neither: it goes on with the removed file, and with the header that it has read.
 *
 * @param onLost called once with the reason, in words without a path
 * @returns stops watching; only after every connection to the file is closed, since closing a descriptor of a file drops
 *   the locks that SQLite holds on it
 */
export function watchStateFile(file: string, onLost: (why: string) => void): () => void {
  const descriptor = fs.openSync(file, 'r');
  const opened = fs.fstatSync(descriptor);
  const header = fixedPart(descriptor);
  const timer = setInterval(check, CHECK_EVERY_MS).unref();

  function check(): void {
    const why = fault();
    if (why === undefined) return;
    clearInterval(timer);
    onLost(why);
  }

  function fault(): string | undefined {
    try {
      const now = fs.statSync(file, { throwIfNoEntry: false });
      if (!now) return 'the file was removed while it was in use';
      if (now.ino !== opened.ino || now.dev !== opened.dev)
        return 'the file was replaced while it was in use';
      if (!fixedPart(descriptor).equals(header))
        return 'the header was overwritten while the file was in use';
      return undefined;
    } catch {
      // Nothing is known of the file now. Where its disk is broken, SQLite reports it.
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
