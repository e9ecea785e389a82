import { stoppable } from '@landfall/concurrency/stoppable';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { FileIdentity } from '@landfall/state-file/file-identity';
import type { SnapshotReader } from '../database/snapshot-reader.ts';
import { stoppableReader } from '../database/stoppable-reader.ts';
import type { OnDamage } from '../errors/database-damaged.ts';
import type { AccessPath } from '../search/access-path.ts';
import type { ScanLimits } from '../search/scan-limits.ts';
import { openSplitPoints } from '../search/split-points.ts';
import { openReadThread } from './client.ts';
import { type ReadPart, type ReadRequest, runRead } from './read-kinds.ts';

/**
 * Reads up to these numbers of rows run in the thread that answers requests: examined and written in key order, or found one by
 * one in an index, either takes some tenths of a millisecond.
 */
const INLINE_MAX_ROWS = { scanned: 1_000, lookedUp: 100 };

interface DispatchOptions {
  definition: Definition;
  /** A state file of the layout of `database/schema.ts`. */
  databaseFile: string;
  fileIdentity: FileIdentity;
  /** Of the same file. */
  reader: SnapshotReader;
  scanLimits: ScanLimits;
  /** Called with the reason when the read thread finds the file damaged. */
  onDamage?: OnDamage | undefined;
}

/**
 * Runs each read in the read thread or in this thread. Long reads and concurrent ones go to the read thread. A short read that
 * is alone runs here: no thread has to be woken, and it does not wait for the CPU while the loader runs (up to 4 ms;
 * docs/decisions/0020).
 */
export function openReadDispatch({
  definition,
  databaseFile,
  fileIdentity,
  reader,
  scanLimits,
  onDamage,
}: DispatchOptions) {
  const thread = openReadThread({ definition, databaseFile, fileIdentity, scanLimits, onDamage });
  const splitPoints = openSplitPoints(reader, definition, scanLimits);
  let hasReadInTick = false;

  /** At most one read per event-loop tick runs here. More of them would delay each other and every request that follows. */
  function claimInlineRead(request: ReadRequest): boolean {
    if (hasReadInTick || thread.isBusy() || !isShort(request)) return false;
    hasReadInTick = true;
    setImmediate(() => {
      hasReadInTick = false;
    });
    return true;
  }

  const readInline = <R extends ReadRequest>(request: R, signal: AbortSignal | undefined) =>
    stoppable((stop) => {
      const context = { reader: stoppableReader(reader, stop), definition, scanLimits, splitPoints };
      return runRead(request, context) as AsyncGenerator<ReadPart<R>>;
    }, signal);

  return {
    /**
     * Runs a read; see `runRead` and `ReadThread.read`.
     *
     * @param signal stops the read, as `return` does; a pending `next` then throws StoppedError
     */
    read: <R extends ReadRequest>(request: R, signal?: AbortSignal): AsyncGenerator<ReadPart<R>> =>
      claimInlineRead(request) ? readInline(request, signal) : thread.read(request, signal),

    /** Sets the approximate number of rows, for the distance of the split points. */
    setRowCount(rows: number): void {
      thread.setRowCount(rows);
      splitPoints.setRowCount(rows);
    },

    async close(): Promise<void> {
      splitPoints.close();
      await thread.close();
    },
  };
}

function isShort({ kind, query }: ReadRequest): boolean {
  if (kind === 'rows') return isShortPath(query.accessPath, query.limit);
  return kind === 'summary' && isShortPath(query.accessPath, Number.POSITIVE_INFINITY);
}

const isShortPath = (path: AccessPath, limit: number): boolean =>
  path.kind === 'index-lookup'
    ? path.rows <= INLINE_MAX_ROWS.lookedUp
    : path.rowsPerMatch * limit <= INLINE_MAX_ROWS.scanned;
