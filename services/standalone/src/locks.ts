import { ingestorLock, requireLock } from '@landfall/ingestor/leader/state-lock';
import { reservedFile } from '@landfall/object-store/directory/reserved-file';

/** The folders that one process uses at a time. */
export interface Folders {
  DATA_DIR: string;
  PROCESSED_BUCKET: string;
  STATE_DIR: string;
}

/**
 * Locks the folders of a standalone Landfall until the process ends: two processes would overwrite each other's data.
 *
 * @returns the lock on STATE_DIR, for the ingestor
 * @throws SettingsError when another process uses one of them
 */
export function lockFolders({ DATA_DIR: dataDir, PROCESSED_BUCKET: bucket, STATE_DIR: stateDir }: Folders) {
  requireLock(reservedFile(dataDir, bucket, 'ingestor.lock'), 'DATA_DIR', dataDir);
  return { stateLock: requireLock(ingestorLock(stateDir), 'STATE_DIR', stateDir) };
}
