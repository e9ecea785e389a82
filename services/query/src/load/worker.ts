import { parentPort, workerData } from 'node:worker_threads';
import { openStateFile } from '@landfall/state-file/state-file';
import { DATABASE_LAYOUT } from '../database-layout.ts';
import { type Generation, takeOver } from './take-over.ts';

/** What the worker answers: undefined when the generation is loaded, else why it is not. */
export type LoadAnswer = string | undefined;

if (!parentPort) throw new Error('this file is a worker thread');
const port = parentPort;
const db = openStateFile(String(workerData), DATABASE_LAYOUT, () => undefined);

port.on('message', (message: Generation | 'close') => {
  if (message === 'close') {
    db.close();
    port.close();
    return;
  }
  takeOver(db, message).then(
    () => port.postMessage(undefined satisfies LoadAnswer),
    (error) => port.postMessage(String(error instanceof Error ? error.message : error) satisfies LoadAnswer),
  );
});
