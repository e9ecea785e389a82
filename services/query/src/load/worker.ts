import os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { openStateFile } from '@landfall/state-file/state-file';
import { DATABASE_LAYOUT } from '../database-layout.ts';
import { forgetBefore } from './forget.ts';
import { type Generation, takeOver } from './take-over.ts';

/** What the worker is told to do; one thing at a time. */
export type LoadTask =
  | { what: 'load'; generation: Generation }
  /** Ends with whether there is more to forget. */
  | { what: 'forget'; horizon: number }
  | { what: 'close' };

/** What it answers: how it ended, or why it failed. */
export type LoadAnswer = { more: boolean } | { failure: string };

if (!parentPort) throw new Error('this file is a worker thread');
// On Linux this is about this thread alone: whoever reads meanwhile comes first.
if (process.platform === 'linux') os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
const port = parentPort;
const db = openStateFile(String(workerData), DATABASE_LAYOUT, () => undefined);

async function perform(task: LoadTask): Promise<boolean> {
  if (task.what === 'load') await takeOver(db, task.generation);
  return task.what === 'forget' && forgetBefore(db, task.horizon);
}

port.on('message', (task: LoadTask) => {
  if (task.what === 'close') {
    db.close();
    port.close();
    return;
  }
  perform(task).then(
    (more) => port.postMessage({ more } satisfies LoadAnswer),
    (error) => {
      const failure = String(error instanceof Error ? error.message : error);
      port.postMessage({ failure } satisfies LoadAnswer);
    },
  );
});
