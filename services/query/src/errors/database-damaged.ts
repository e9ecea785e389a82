import { isDamage } from '@landfall/state-file/damage';
import { ApiError } from './api-error.ts';

/** Called with the reason when the database is damaged. One damage may cause many calls. */
export type OnDamage = (why: string) => void;

/** The response until the database is rebuilt. */
export const databaseDamagedError = (): ApiError =>
  new ApiError('no_data_set', 'The database was damaged. The data set is being loaded again.');

/**
 * Calls `onDamage` when an error means that the database is damaged.
 *
 * @returns the error to throw on
 */
export function reportDamage(error: unknown, onDamage: OnDamage): unknown {
  if (!isDamage(error)) return error;
  onDamage(error.message);
  return databaseDamagedError();
}
