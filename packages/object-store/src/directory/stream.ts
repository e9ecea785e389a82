import fs from 'node:fs';
import { Readable } from 'node:stream';
import { StoreError, type VersionRange } from '../object-store.ts';
import { isSameContent, type OpenFile } from './reading.ts';

/** Bytes per read. */
const CHUNK_BYTES = 65_536;

/**
 * Streams an open file: exactly the bytes it had when it was opened. If the file was written meanwhile, the stream
 * fails before its last bytes, since the content would mix two versions. Closes the file at the end.
 *
 * @param name of the object, for errors
 * @param asError translates file system errors
 * @param range the bytes to stream, all of them in the file; default: the whole file
 */
export function streamFile(
  { descriptor, stats }: OpenFile,
  name: string,
  asError: (error: unknown) => StoreError,
  range?: Pick<VersionRange, 'first' | 'last'>,
): Readable {
  const end = range ? range.last + 1 : Number(stats.size);
  let position = range?.first ?? 0;
  let isReading = false;
  let whenRead: (() => void) | undefined;

  /** Delays closing until the read ends: a closed descriptor can be reused for another file. */
  function done(): void {
    isReading = false;
    whenRead?.();
  }

  return new Readable({
    highWaterMark: CHUNK_BYTES,
    read() {
      if (position === end) return void this.push(null);
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - position));
      isReading = true;
      fs.read(descriptor, chunk, 0, chunk.length, position, (error, length) => {
        position += length ?? 0;
        if (!error && length > 0 && position < end) {
          done();
          this.push(chunk.subarray(0, length));
          return;
        }
        fs.fstat(descriptor, { bigint: true }, (statError, now) => {
          done();
          const failure = error ?? statError;
          if (failure) this.destroy(asError(failure));
          else if (length === 0 || !isSameContent(stats, now)) this.destroy(changed(name));
          else this.push(chunk.subarray(0, length));
        });
      });
    },
    destroy(error, callback) {
      const close = () => fs.close(descriptor, (closeError) => callback(error ?? closeError));
      if (isReading) whenRead = close;
      else close();
    },
  });
}

const changed = (name: string): StoreError =>
  new StoreError('unreadable', `${name} was written to while it was read`);
