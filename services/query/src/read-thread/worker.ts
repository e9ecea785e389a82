import { parentPort, workerData } from 'node:worker_threads';
import { batchPerTick } from '@landfall/concurrency/batch-per-tick';
import { openReader } from '../database/snapshot-reader.ts';
import { stopping } from '../database/stoppable-reader.ts';
import { ApiError } from '../errors/api-error.ts';
import type { Pace } from '../search/scan-limits.ts';
import { openMilestones } from '../search/split-points.ts';
import { isLast, memoryOf, type Part, type Read, run } from './read-kinds.ts';
import { openTurnstile } from './reads-per-tick.ts';

/** What the worker is told. */
export type ReadTask =
  | { what: 'read'; id: number; read: Read }
  /** A part was taken: there is room for another one. */
  | { what: 'more'; id: number }
  /** Nobody waits for the rest. */
  | { what: 'stop'; id: number }
  | { what: 'look'; rows: number }
  | { what: 'close' };

/** What it answers: part after part, and at last that it is over, or why it failed. */
export type ReadAnswer = { id: number } & ({ part: Part } | Failure | { isAll: true });
/** An `ApiError` goes over in parts: an error loses its own properties on the way to another thread. */
type Failure = { refusal: ConstructorParameters<typeof ApiError> } | { failure: Error };

/** What it tells: answers, and why it found the database damaged. */
export type WorkerMessage = ReadAnswer | { damage: string };

/** Parts of one read that may be on their way: one is sent to a client while the next one is read. */
const AHEAD = 2;
/** Some tenths of a millisecond each; then the answers leave. */
const READS_PER_TURN = 4;

// All that is imported here is loaded once more for this thread: with schemas it would take three times as long to
// start.
if (!parentPort) throw new Error('this file is a worker thread');
const port = parentPort;
const { databaseFile, pace }: { databaseFile: string; pace: Pace } = workerData;
const { add: tell } = batchPerTick<WorkerMessage>((messages) => {
  const memory = messages.flatMap((each) => ('part' in each ? memoryOf(each.part) : []));
  port.postMessage(messages, memory);
});
const reader = openReader(databaseFile, (damage) => tell({ damage }));
const milestones = openMilestones(reader, pace);
const turnstile = openTurnstile(READS_PER_TURN);
const readings = new Map<number, Reading>();
/** One who reads. */
interface Reading {
  /** Parts that there is room for. */
  room: number;
  isStopped: boolean;
  wake: () => void;
}

async function perform(id: number, read: Read): Promise<void> {
  const reading: Reading = { room: AHEAD, isStopped: false, wake: () => undefined };
  readings.set(id, reading);
  try {
    await turnstile.pass();
    if (reading.isStopped) return;
    // Also while nothing is found it is noticed that nobody waits for it any more.
    const means = { reader: stopping(reader, reading), milestones, pace };
    for await (const part of run(read, means)) {
      if (reading.isStopped) return;
      tell({ id, part });
      reading.room--;
      while (reading.room === 0 && !isLast(part) && !reading.isStopped) {
        await new Promise<void>((resolve) => {
          reading.wake = resolve;
        });
      }
    }
    tell({ id, isAll: true });
  } catch (error) {
    if (!reading.isStopped) tell({ id, ...failureOf(error) });
  } finally {
    readings.delete(id);
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return { refusal: [error.code, error.message, error.more] };
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  // Anew, since not every error can be sent.
  return { failure: Object.assign(new Error(message), { name, stack }) };
}

function take(task: ReadTask): void {
  if (task.what === 'read') perform(task.id, task.read);
  else if (task.what === 'look') milestones.look(task.rows);
  else if (task.what === 'close') close();
  else {
    const reading = readings.get(task.id);
    if (!reading) return;
    if (task.what === 'more') reading.room++;
    else reading.isStopped = true;
    reading.wake();
  }
}

function close(): void {
  milestones.close();
  reader.close();
  port.close();
}

port.on('message', (tasks: ReadTask[]) => {
  for (const task of tasks) take(task);
});
