import { DataSetFormatError } from '@landfall/contracts/dataset/csv-reader';
import { StoreError } from '@landfall/object-store/object-store';
import { asUnusable, UnusableStateError } from '@landfall/state-file/unusable';
import { LeadershipLostError } from './leadership-lost.ts';

/** The errors whose texts are written for readers of the API, without paths of this machine. */
const PUBLIC = [StoreError, LeadershipLostError, DataSetFormatError];

/**
 * Why a run failed, for its report, which everybody may read. The log has the error itself.
 *
 * @param stateDir the folder that the text calls STATE_DIR
 */
export function publicReason(error: unknown, stateDir: string): string {
  if (PUBLIC.some((type) => error instanceof type) && error instanceof Error) return error.message;
  // Errors of the file system and of SQLite: adapters have made StoreErrors of their own.
  const unusable = asUnusable(error, `${stateDir}/catalog.sqlite`);
  if (unusable instanceof UnusableStateError) return unusable.publicMessage;
  return "an unexpected error: the ingestor's log says which";
}
