import { parentPort, workerData } from 'node:worker_threads';
import { gatherPerTurn } from '@landfall/concurrency/batch-per-tick';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { openReader } from '../database/snapshot-reader.ts';
import { stopping } from '../database/stoppable-reader.ts';
import { ApiError } from '../errors/api-error.ts';
import type { ScanLimits } from '../search/scan-limits.ts';
import { openSplitPoints } from '../search/split-points.ts';
import {
  isLastPart,
  type ReadContext,
  type ReadPart,
  type ReadRequest,
  runRead,
  transferListOf,
} from './read-kinds.ts';
import { openReadsPerTickLimiter } from './reads-per-tick.ts';

/** What the worker needs to start. */
export interface ReadWorkerData {
  databaseFile: string;
  definition: Definition;
  scanLimits: ScanLimits;
}

/** A message to the worker. */
export type ReadTask =
  | { what: 'read'; id: number; request: ReadRequest }
  /** A part was consumed; the worker may send another one. */
  | { what: 'more'; id: number }
  /** The rest of the read is not needed. */
  | { what: 'stop'; id: number }
  | { what: 'set-row-count'; rows: number }
  | { what: 'close' };

/** A message about a read: its parts, then its end or its failure. */
export type ReadAnswer = { id: number } & ({ part: ReadPart } | Failure | { isEnd: true });
/** An `ApiError` is sent as its constructor's arguments: structured clone drops an error's own properties. */
type Failure = { refusal: ConstructorParameters<typeof ApiError> } | { failure: Error };

/** A message from the worker: about a read, or the reason why the database is found damaged. */
export type WorkerMessage = ReadAnswer | { damage: string };

/** Parts of one read that are sent ahead: one is sent to the client while the next one is read. */
const PARTS_AHEAD = 2;
/** Reads that start per event-loop tick. Each takes some tenths of a millisecond; then the results are sent. */
const READS_PER_TICK = 4;

// This file's imports load a second time for this thread. With JSON schemas among them it would take three times as long to
// start.
if (!parentPort) throw new Error('this file is a worker thread');
const port = parentPort;
const { databaseFile, definition, scanLimits }: ReadWorkerData = workerData;
const { add: send } = gatherPerTurn<WorkerMessage>((messages) => {
  const transferList = messages.flatMap((each) => ('part' in each ? transferListOf(each.part) : []));
  port.postMessage(messages, transferList);
});
const reader = openReader(databaseFile, (damage) => send({ damage }));
const splitPoints = openSplitPoints(reader, definition, scanLimits);
const limiter = openReadsPerTickLimiter(READS_PER_TICK);
const activeReads = new Map<number, ActiveRead>();

interface ActiveRead {
  /** Parts that may still be sent. */
  credit: number;
  isStopped: boolean;
  wake: () => void;
}

async function performRead(id: number, request: ReadRequest): Promise<void> {
  const active: ActiveRead = { credit: PARTS_AHEAD, isStopped: false, wake: () => undefined };
  activeReads.set(id, active);
  try {
    await limiter.acquire();
    if (active.isStopped) return;
    // The reader checks for the stop at each read, so a read that finds no rows stops as well.
    const context: ReadContext = { reader: stopping(reader, active), definition, scanLimits, splitPoints };
    for await (const part of runRead(request, context)) {
      if (active.isStopped) return;
      send({ id, part });
      active.credit--;
      while (active.credit === 0 && !isLastPart(part) && !active.isStopped) {
        await new Promise<void>((resolve) => {
          active.wake = resolve;
        });
      }
    }
    send({ id, isEnd: true });
  } catch (error) {
    if (!active.isStopped) send({ id, ...failureOf(error) });
  } finally {
    activeReads.delete(id);
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return { refusal: [error.code, error.message, error.more] };
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  // A copy, because not every error can be cloned.
  return { failure: Object.assign(new Error(message), { name, stack }) };
}

function handleTask(task: ReadTask): void {
  if (task.what === 'read') performRead(task.id, task.request);
  else if (task.what === 'set-row-count') splitPoints.setRowCount(task.rows);
  else if (task.what === 'close') close();
  else {
    const active = activeReads.get(task.id);
    if (!active) return;
    if (task.what === 'more') active.credit++;
    else active.isStopped = true;
    active.wake();
  }
}

function close(): void {
  splitPoints.close();
  reader.close();
  port.close();
}

port.on('message', (tasks: ReadTask[]) => {
  for (const task of tasks) handleTask(task);
});
