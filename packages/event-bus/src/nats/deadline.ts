import { BusError } from '../event-bus.ts';

/**
 * Waits for a result no longer than `ms`.
 *
 * @param what names the operation in the error
 * @throws BusError timeout; what the operation does afterwards is ignored
 */
export async function within<T>(ms: number, result: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BusError('timeout', `${what}: no answer in ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([result, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
