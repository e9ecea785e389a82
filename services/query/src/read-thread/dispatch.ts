import type { Reader } from '../database/snapshot-reader.ts';
import { stoppable, stopping } from '../database/stoppable-reader.ts';
import type { OnDamage } from '../errors/database-damaged.ts';
import type { Plan } from '../search/access-path.ts';
import type { Pace } from '../search/scan-limits.ts';
import { openMilestones } from '../search/split-points.ts';
import { openReadThread } from './client.ts';
import { type Part, type Read, run } from './read-kinds.ts';

/**
 * What takes longer is not read in the thread that answers: so many users are looked at and written in some tenths of a
 * millisecond, and found one by one in an index as well.
 */
const SHORT = { walked: 1_000, found: 100 };

/** What reading needs. */
interface ReadingOptions {
  /** A state file of the layout of `database-layout.ts`. */
  databaseFile: string;
  /** Of the same file. */
  reader: Reader;
  pace: Pace;
  /** Called when the thread finds the file damaged. */
  onDamage?: OnDamage | undefined;
}

/**
 * Reads in a thread of its own what is long, and what many ask at once; here what somebody asks alone and is short, for which
 * nobody has to be woken. Where the loader is at work, the thread may wait for it for 4 ms until it runs
 * (docs/decisions/0020).
 */
export function openReading({ databaseFile, reader, pace, onDamage }: ReadingOptions) {
  const thread = openReadThread({ databaseFile, pace, onDamage });
  const milestones = openMilestones(reader, pace);
  let hasRead = false;

  /** Only one in a turn of the event loop: the others would wait for each other, and with them all who come next. */
  function isForHere(read: Read): boolean {
    if (hasRead || thread.isBusy() || !isShort(read)) return false;
    hasRead = true;
    setImmediate(() => {
      hasRead = false;
    });
    return true;
  }

  const here = <R extends Read>(read: R, signal: AbortSignal | undefined) =>
    stoppable(
      (stop) => run(read, { reader: stopping(reader, stop), milestones, pace }) as AsyncGenerator<Part<R>>,
      signal,
    );

  return {
    /**
     * Reads what is asked for; see `run` in reads.ts and `ReadThread.read`.
     *
     * @param signal stops it, as `return` does; whoever waits for it then gets a StoppedError
     */
    read: <R extends Read>(read: R, signal?: AbortSignal): AsyncGenerator<Part<R>> =>
      isForHere(read) ? here(read, signal) : thread.read(read, signal),

    /** There are about so many users now. */
    look(rows: number): void {
      thread.look(rows);
      milestones.look(rows);
    },

    async close(): Promise<void> {
      milestones.close();
      await thread.close();
    },
  };
}

function isShort(read: Read): boolean {
  if (read.kind === 'users') return isShortPlan(read.wanted.plan, read.wanted.limit);
  return read.kind === 'birthDays' && isShortPlan(read.wanted.plan, Number.POSITIVE_INFINITY);
}

const isShortPlan = (plan: Plan, limit: number): boolean =>
  plan.way === 'few' ? plan.users <= SHORT.found : plan.tests * limit <= SHORT.walked;
