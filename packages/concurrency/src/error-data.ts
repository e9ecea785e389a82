/** An error as plain data, for another thread: structured clone drops an error's class and its own properties. */
export interface ErrorData {
  name: string;
  message: string;
  stack: string | undefined;
  /** The error's own properties that can be cloned, `code` for example. */
  properties: Readonly<Record<string, unknown>>;
}

export function toErrorData(error: unknown): ErrorData {
  const { name, message, stack, ...properties } = error instanceof Error ? error : new Error(String(error));
  return { name, message, stack, properties: cloneable(properties) };
}

/** The error with its name, message, stack and properties, but of the class Error. */
export const toError = ({ name, message, stack, properties }: ErrorData): Error =>
  Object.assign(new Error(message), properties, { name, stack });

function cloneable(properties: object): Record<string, unknown> {
  try {
    return structuredClone({ ...properties });
  } catch {
    // A function among them, for example. The code is what callers need.
    return 'code' in properties && typeof properties.code === 'string' ? { code: properties.code } : {};
  }
}
