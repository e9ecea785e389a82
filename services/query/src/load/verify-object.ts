import type { Hash } from 'node:crypto';

/** Passes chunks on and updates a hash with each of them. */
export async function* hashChunks(chunks: AsyncIterable<Buffer>, hash: Hash): AsyncIterable<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/**
 * Compares a property of a published object with the manifest.
 *
 * @param key of the object in the processed bucket
 * @throws Error when they differ
 */
export function expectSame(
  property: string,
  key: string,
  found: string | number,
  expected: string | number,
): void {
  if (found !== expected) throw new Error(`${key}: the ${property} is ${found} instead of ${expected}`);
}
