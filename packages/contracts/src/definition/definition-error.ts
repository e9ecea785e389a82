/** What is wrong with a definition file. */
export interface DefinitionFault {
  /** JSON pointer (RFC 6901) to the value; empty for the whole file. */
  pointer: string;
  /** What is wrong, as a sentence without a subject: `must be an integer`. */
  message: string;
  /** How to fix it. */
  hint?: string | undefined;
}

/** Thrown when a definition file cannot be used. It names all faults. */
export class DefinitionError extends Error {
  override name = 'DefinitionError';
  /** Printed without a stack at the start. */
  readonly isForOperator = true;
  readonly faults: readonly DefinitionFault[];

  /** @param file its name, for the message */
  constructor(file: string, faults: readonly DefinitionFault[]) {
    const lines = faults.map(
      ({ pointer, message, hint }) => `  - ${pointer || '/'}: ${message}${hint ? ` (${hint})` : ''}`,
    );
    super(`The data set definition ${file} can't be used:\n${lines.join('\n')}`);
    this.faults = faults;
  }
}
