import type { Hash } from 'node:crypto';

/** Hands on what is read, and takes its checksum on the way. */
export async function* hashed(chunks: AsyncIterable<Buffer>, hash: Hash): AsyncIterable<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** @throws Error when what was found in an object is not what the manifest says of it */
export function expectSame(
  what: string,
  key: string,
  found: string | number,
  expected: string | number,
): void {
  if (found !== expected) throw new Error(`${key}: the ${what} is ${found} instead of ${expected}`);
}
