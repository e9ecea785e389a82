import type { Definition } from '@landfall/contracts/dataset/definition';
import type { FileIdentity } from '@landfall/state-file/file-identity';
import type { Rollup } from '../statistics/rollup/rollup.ts';
import type { DownloadedGeneration } from './import-generation.ts';

export interface LoadWorkerData {
  databaseFile: string;
  fileIdentity: FileIdentity;
  definition: Definition;
}

/** The tasks of the load thread, and the result of each. */
export interface LoadTasks {
  /** Imports a generation. Results in its rollup, undefined when it has none. */
  import: { query: DownloadedGeneration; part: Rollup | undefined };
  /** Deletes one step of what only generations before `oldest` have. Results in whether more is left. */
  prune: { query: { oldest: number }; part: boolean };
  /** Writes the write-ahead log into the database file, as far as readers allow it. */
  checkpoint: { query: undefined; part: undefined };
}
