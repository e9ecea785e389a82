import { StoppedError, type StopState } from '@landfall/concurrency/stoppable';
import type { SnapshotReader } from './snapshot-reader.ts';

/** A reader that checks before each read at a generation whether the work was stopped. It then throws StoppedError. */
export const stoppableReader = (
  reader: SnapshotReader,
  stop: Pick<StopState, 'isStopped'>,
): SnapshotReader => ({
  ...reader,
  at(at, read) {
    if (stop.isStopped) throw new StoppedError();
    return reader.at(at, read);
  },
});
