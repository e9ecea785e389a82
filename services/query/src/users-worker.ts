import { parentPort, workerData } from 'node:worker_threads';
import { ApiError } from './api-error.ts';
import { openMilestones } from './milestones.ts';
import type { Pace } from './pace.ts';
import { gatherPerTurn } from './per-turn.ts';
import { openReader } from './reader.ts';
import { openTurnstile } from './turnstile.ts';
import type { Piece } from './walk-texts.ts';
import { type Wanted, writeUsers } from './write-users.ts';

/** What the worker is told. */
export type UsersTask =
  | { what: 'read'; id: number; wanted: Wanted }
  /** A piece was taken: there is room for another one. */
  | { what: 'more'; id: number }
  /** Nobody waits for the rest. */
  | { what: 'stop'; id: number }
  | { what: 'look'; rows: number }
  | { what: 'close' };

/** What it answers: piece after piece, and at last that it is over, or why it failed. */
export type UsersAnswer = { id: number } & (
  | { piece: Piece }
  | { refusal: ConstructorParameters<typeof ApiError> }
  | { failure: unknown }
  | { isAll: true }
);

/** So many pieces of a reading may be on their way: one is sent to a client while the next one is read. */
const AHEAD = 2;
/** Some tenths of a millisecond each; then the answers leave. */
const READS_PER_TURN = 4;

// All that is imported here is loaded once more for this thread: with schemas it would take three times as long to
// start.
if (!parentPort) throw new Error('this file is a worker thread');
const port = parentPort;
const { databaseFile, pace }: { databaseFile: string; pace: Pace } = workerData;
const reader = openReader(databaseFile);
const milestones = openMilestones(reader, pace);
const turnstile = openTurnstile(READS_PER_TURN);
const readings = new Map<number, Reading>();
const { add: answer } = gatherPerTurn<UsersAnswer>((answers) => {
  const buffers = answers.flatMap((each) => ('piece' in each ? each.piece.text.buffer : []));
  port.postMessage(answers, buffers);
});

/** One who reads. */
interface Reading {
  /** How many pieces there is room for. */
  room: number;
  isStopped: boolean;
  wake: () => void;
}

async function read(id: number, wanted: Wanted): Promise<void> {
  const reading: Reading = { room: AHEAD, isStopped: false, wake: () => undefined };
  readings.set(id, reading);
  try {
    await turnstile.pass();
    if (reading.isStopped) return;
    for await (const piece of writeUsers(reader, milestones, wanted, pace)) {
      if (reading.isStopped) return;
      answer({ id, piece });
      reading.room--;
      while (reading.room === 0 && piece.next === undefined && !reading.isStopped) {
        await new Promise<void>((resolve) => {
          reading.wake = resolve;
        });
      }
    }
    answer({ id, isAll: true });
  } catch (error) {
    answer({ id, ...told(error) });
  } finally {
    readings.delete(id);
  }
}

function told(error: unknown) {
  if (error instanceof ApiError) {
    const refusal: ConstructorParameters<typeof ApiError> = [error.code, error.message, error.more];
    return { refusal };
  }
  return { failure: error instanceof Error ? error : new Error(String(error)) };
}

function take(task: UsersTask): void {
  if (task.what === 'read') read(task.id, task.wanted);
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

port.on('message', (tasks: UsersTask[]) => {
  for (const task of tasks) take(task);
});
