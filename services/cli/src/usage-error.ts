/** Thrown when the command or its operands cannot be used. Printed without a stack. */
export class UsageError extends Error {
  override name = 'UsageError';
  readonly isForOperator = true;
}
