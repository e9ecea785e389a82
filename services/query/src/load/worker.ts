import os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { Call } from '@landfall/concurrency/worker-messages';
import { serveCalls } from '@landfall/concurrency/worker-server';
import { openForWriting } from '@landfall/state-file/state-file';
import { lowerThreadPriority } from '@landfall/state-file/thread-priority';
import { readRollup } from '../statistics/rollup/read-rollup.ts';
import type { RollupCell } from '../statistics/rollup/rollup.ts';
import { importGeneration } from './import-generation.ts';
import type { LoadTasks, LoadWorkerData } from './load-tasks.ts';
import { pruneVersions } from './prune-versions.ts';

if (!parentPort) throw new Error('this file is a worker thread');
// Requests that are served meanwhile come first.
lowerThreadPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
const { databaseFile, fileIdentity, definition }: LoadWorkerData = workerData;
const db = openForWriting(databaseFile, fileIdentity);
// A commit would run the checkpoint before the result is sent, which takes half of the time of a small delta. It is a task of
// its own, after the others.
db.pragma('wal_autocheckpoint = 0');

const queryRollup = (sql: string, ...values: (string | number | null)[]): RollupCell[] =>
  db
    .prepare<(string | number | null)[], RollupCell>(sql)
    .raw()
    .all(...values);

async function* perform(task: Call<LoadTasks>): AsyncGenerator<LoadTasks[keyof LoadTasks]['part']> {
  switch (task.kind) {
    case 'import':
      await importGeneration(db, definition, task.query);
      // Read here, because the thread that answers requests would be blocked by it.
      yield readRollup(queryRollup, task.query.manifest);
      return;
    case 'prune':
      yield pruneVersions(db, definition, task.query.oldest);
      return;
    case 'checkpoint':
      yield checkpoint();
  }
}

/** What cannot be written now, for example on a full disk, stays in the log until the next checkpoint. */
function checkpoint(): undefined {
  try {
    db.pragma('wal_checkpoint(PASSIVE)');
  } catch {}
}

serveCalls<LoadTasks>(parentPort, {
  run: perform,
  partsAhead: 1,
  isLast: () => true,
  onClose: () => db.close(),
});
