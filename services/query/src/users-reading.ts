import type { OnDamage } from './damaged.ts';
import { openMilestones } from './milestones.ts';
import type { Pace } from './pace.ts';
import type { Reader } from './reader.ts';
import { openUsersThread } from './users-thread.ts';
import type { Piece } from './walk-texts.ts';
import { type Wanted, writeUsers } from './write-users.ts';

/**
 * What takes longer is not read in the thread that answers: so many users are looked at and written in some tenths of a
 * millisecond, and found one by one in an index as well.
 */
const SHORT = { walked: 1_000, found: 100 };

/**
 * Reads users: in a thread of its own what is long, and what many ask at once; here the page of somebody who asks alone, for whom
 * nobody has to be woken. Where the loader is at work, the thread may wait for it for 4 ms until it runs
 * (docs/decisions/0020).
 *
 * @param databaseFile a state file of the layout of `database-layout.ts`
 * @param reader of the same file
 */
export function openUsersReading(databaseFile: string, reader: Reader, pace: Pace, onDamage?: OnDamage) {
  const thread = openUsersThread(databaseFile, pace, onDamage);
  const milestones = openMilestones(reader, pace);
  let hasRead = false;

  /** Only one in a turn of the event loop: the others would wait for each other, and with them all who come next. */
  function isForHere(wanted: Wanted): boolean {
    if (hasRead || thread.isBusy() || !isShort(wanted)) return false;
    hasRead = true;
    setImmediate(() => {
      hasRead = false;
    });
    return true;
  }

  return {
    /** The users who match; see `writeUsers` and `UsersThread.read`. */
    read: (wanted: Wanted): AsyncGenerator<Piece> =>
      isForHere(wanted) ? writeUsers(reader, milestones, wanted, pace) : thread.read(wanted),

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

const isShort = ({ plan, limit }: Wanted): boolean =>
  plan.way === 'few' ? plan.users <= SHORT.found : plan.tests * limit <= SHORT.walked;
