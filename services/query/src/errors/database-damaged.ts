import { isDamage } from '@landfall/state-file/damage';
import { ApiError } from './api-error.ts';

/** Called with the reason when the database turns out to be damaged; may be called many times for one damage. */
export type OnDamage = (why: string) => void;

/** The answer while the database is not there. */
export const databaseDamagedError = (): ApiError =>
  new ApiError('no_data_set', 'The database was damaged. The data set is being loaded again.');

/**
 * Reports the damage that an error tells of.
 *
 * @returns the error for the client
 */
export function reportDamage(error: unknown, onDamage: OnDamage): unknown {
  if (!isDamage(error)) return error;
  onDamage(error.message);
  return databaseDamagedError();
}
