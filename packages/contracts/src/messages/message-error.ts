/** Thrown when a message on the bus does not match its schema. */
export class MessageError extends Error {
  override name = 'MessageError';
}
