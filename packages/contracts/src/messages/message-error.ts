/** Thrown when a message on the bus is not what its subject promises. */
export class MessageError extends Error {
  override name = 'MessageError';
}
