import os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { isDamage } from '@landfall/state-file/damage';
import { openForWriting } from '@landfall/state-file/state-file';
import { lowerThreadPriority } from '@landfall/state-file/thread-priority';
import type { DayCount, DayCounts } from '../statistics/day-counts.ts';
import { readDayCounts } from '../statistics/read-day-counts.ts';
import { type Generation, takeOver } from './import-generation.ts';
import { forgetBefore } from './prune-versions.ts';

/** What the worker is told to do; one thing at a time. */
export type LoadTask =
  | { what: 'load'; generation: Generation }
  | { what: 'forget'; horizon: number }
  | { what: 'close' };

/** What comes of a task. */
export interface LoadResult {
  /** How many of the generation's users were born when. */
  load: DayCounts;
  /** Whether there is more to forget. */
  forget: boolean;
}

/** What it answers: what came of it, or why it failed. */
export type LoadAnswer =
  | { result: LoadResult[keyof LoadResult] }
  | { failure: string; code: string | undefined; isDamage: boolean };

if (!parentPort) throw new Error('this file is a worker thread');
// Whoever reads meanwhile comes first.
lowerThreadPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
const port = parentPort;
const db = openForWriting(String(workerData));
// A commit would do it as well, before anybody hears of it: half of the time that a small delta takes.
db.pragma('wal_autocheckpoint = 0');

const birthDays = (sql: string, ...values: (string | number)[]): DayCount[] =>
  db
    .prepare<(string | number)[], DayCount>(sql)
    .raw()
    .all(...values);

async function perform(task: Exclude<LoadTask, { what: 'close' }>): Promise<LoadResult[keyof LoadResult]> {
  if (task.what === 'forget') return forgetBefore(db, task.horizon);
  await takeOver(db, task.generation);
  // Here it holds up nobody; where requests are answered, it would all of them.
  return readDayCounts(birthDays, task.generation.manifest);
}

/** Folds the log back into the file. What can't be now, for a full disk, say, stays in the log until the next time. */
function checkpoint(): void {
  try {
    db.pragma('wal_checkpoint(PASSIVE)');
  } catch {}
}

port.on('message', (task: LoadTask) => {
  if (task.what === 'close') {
    db.close();
    port.close();
    return;
  }
  perform(task).then(
    (result) => {
      port.postMessage({ result } satisfies LoadAnswer);
      checkpoint();
    },
    (error) => {
      const failure = String(error instanceof Error ? error.message : error);
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
      port.postMessage({ failure, code, isDamage: isDamage(error) } satisfies LoadAnswer);
    },
  );
});
