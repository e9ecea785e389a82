/**
 * Frees the memory of a buffer at once, unless it shares the memory with other buffers. The buffer is empty afterwards.
 *
 * V8 counts memory outside its heap and collects garbage when that grows. Short-lived response bodies would cause one
 * collection after the other (docs/decisions/0021). A buffer with less than half of its ArrayBuffer shares it: so do the
 * buffers of Node's pool (`Buffer.poolSize`).
 */
export function freeBuffer({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteLength > buffer.byteLength / 2) buffer.transfer(0);
}
