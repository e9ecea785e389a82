import { parentPort, workerData } from 'node:worker_threads';
import type { FromWorker, ToWorker } from '@landfall/concurrency/worker-messages';
import { serveCalls } from '@landfall/concurrency/worker-server';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { FileIdentity } from '@landfall/state-file/file-identity';
import { openSnapshotReader } from '../database/snapshot-reader.ts';
import { stoppableReader } from '../database/stoppable-reader.ts';
import type { ScanLimits } from '../search/scan-limits.ts';
import { openSplitPoints } from '../search/split-points.ts';
import {
  isLastPart,
  type ReadKinds,
  type ReadPart,
  type ReadRequest,
  runRead,
  transferListOf,
} from './read-kinds.ts';
import { openReadsPerTickLimiter } from './reads-per-tick.ts';

/** What the worker needs to start. */
export interface ReadWorkerData {
  databaseFile: string;
  fileIdentity: FileIdentity;
  definition: Definition;
  scanLimits: ScanLimits;
}

/** The approximate number of rows, for the distance of the split points. */
export interface ReadWorkerSetting {
  rowCount: number;
}

/** The reason why the worker finds the database damaged. */
export interface ReadWorkerEvent {
  damage: string;
}

/** A message to the worker. */
export type ReadTask = ToWorker<ReadRequest, ReadWorkerSetting>;
/** A message from the worker. */
export type ReadWorkerMessage = FromWorker<ReadPart, ReadWorkerEvent>;

/** Parts of one read that are sent ahead: one is sent to the client while the next one is read. */
const PARTS_AHEAD = 2;
/** Reads that start per event-loop tick. Each takes some tenths of a millisecond; then the results are sent. */
const READS_PER_TICK = 4;

// This file's imports load a second time for this thread. With JSON schemas among them it would take three times as long to
// start.
if (!parentPort) throw new Error('this file is a worker thread');
const { databaseFile, fileIdentity, definition, scanLimits }: ReadWorkerData = workerData;
const reader = openSnapshotReader(databaseFile, (damage) => server.emit({ damage }), fileIdentity);
const splitPoints = openSplitPoints(reader, definition, scanLimits);
const limiter = openReadsPerTickLimiter(READS_PER_TICK);

const server = serveCalls<ReadKinds, ReadWorkerSetting, ReadWorkerEvent>(parentPort, {
  // The reader checks for the stop at each read, so a read that finds no rows stops as well.
  run: (request, stop) =>
    runRead(request, { reader: stoppableReader(reader, stop), definition, scanLimits, splitPoints }),
  partsAhead: PARTS_AHEAD,
  admit: limiter.acquire,
  isLast: isLastPart,
  transferListOf,
  onSet: ({ rowCount }) => splitPoints.setRowCount(rowCount),
  onClose() {
    splitPoints.close();
    reader.close();
  },
});
