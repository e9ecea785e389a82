/**
 * Gives the memory of a text back at once, where it is its own; the text is empty then. Left to V8, which counts what lies
 * outside its heap, texts that are on their way for a moment only make it collect all garbage again and again
 * (docs/decisions/0021). What shares memory with others has less than half of it: so does Node where it hands out parts of
 * a pool (Buffer.poolSize).
 */
export function freeBuffer({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteLength > buffer.byteLength / 2) buffer.transfer(0);
}
