import type { RunErrorCode } from '@landfall/contracts/messages/run';
import { DataSetFormatError } from '@landfall/contracts/text/csv-rows';
import { StoreError } from '@landfall/object-store/object-store';
import { isDamage } from '@landfall/state-file/damage';
import { asUnusable, UnusableStateError } from '@landfall/state-file/unusable';
import { LeadershipLostError } from './leadership-lost.ts';

/** Why a run failed, for its report. */
export interface RunFailure {
  error_code: RunErrorCode;
  /** Without paths of this machine: clients of the API read it. */
  error: string;
}

/**
 * Translates an error to what the report of a run says about it. The log gets the error itself.
 *
 * @param stateDir the folder that the text calls STATE_DIR
 */
export function toRunFailure(error: unknown, stateDir: string): RunFailure {
  if (error instanceof StoreError) return { error_code: error.code, error: error.message };
  if (error instanceof LeadershipLostError) return { error_code: 'leadership_lost', error: error.message };
  if (error instanceof DataSetFormatError) return { error_code: 'data_set_invalid', error: error.message };
  // Errors of the file system and of SQLite. Errors of a store are StoreErrors.
  const unusable = asUnusable(error, `${stateDir}/catalog.sqlite`);
  if (unusable instanceof UnusableStateError) {
    return { error_code: 'state_unusable', error: unusable.publicMessage };
  }
  const error_code = isDamage(error) ? 'state_damaged' : 'internal';
  return { error_code, error: 'an unexpected error: see the log of the ingestor' };
}
