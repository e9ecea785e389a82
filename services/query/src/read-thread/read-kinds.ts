import type { Reader } from '../database/snapshot-reader.ts';
import { type CountWanted, countBirthDays } from '../search/count-matching-days.ts';
import type { Pace } from '../search/scan-limits.ts';
import type { Milestones } from '../search/split-points.ts';
import { type ChangesWanted, writeChanges } from '../serialize/serialized-changes.ts';
import type { Written } from '../serialize/serialized-chunk.ts';
import { type RejectsWanted, writeRejects } from '../serialize/serialized-rejects.ts';
import { type Wanted, writeUsers } from '../serialize/serialized-rows.ts';
import type { Piece } from '../serialize/serialized-scan.ts';
import type { BirthDays } from '../statistics/day-counts.ts';

/** What can be read in the reading thread: for each kind, what is asked for, and in what parts it comes. */
export interface Reads {
  users: { wanted: Wanted; part: Piece };
  changes: { wanted: ChangesWanted; part: Written };
  rejects: { wanted: RejectsWanted; part: Written };
  birthDays: { wanted: CountWanted; part: BirthDays };
}
type Kind = keyof Reads;
/** A read that is asked for. */
export type Read = { [Each in Kind]: { kind: Each; wanted: Reads[Each]['wanted'] } }[Kind];
export type Part<R extends Read = Read> = Reads[R['kind']]['part'];

/** Where from, and how far in one step. */
interface Means {
  reader: Reader;
  milestones: Milestones;
  pace: Pace;
}

/** Reads in short steps, between which others get their turn; see the functions for what they throw. */
export function run(read: Read, { reader, milestones, pace }: Means): AsyncGenerator<Part> {
  switch (read.kind) {
    case 'users':
      return writeUsers(reader, milestones, read.wanted, pace);
    case 'changes':
      return writeChanges(reader, read.wanted, pace.atATime);
    case 'rejects':
      return writeRejects(reader, read.wanted, pace.atATime);
    case 'birthDays':
      return countBirthDays(reader, read.wanted, pace);
  }
}

/** Whether nothing can come behind a part; when that is not known, the end is told by itself. */
export const isLast = (part: Part): boolean => 'days' in part || ('next' in part && part.next !== undefined);

/** The memory of a part, which can be handed to another thread instead of being copied. */
export const memoryOf = (part: Part): ArrayBuffer[] =>
  'text' in part
    ? [part.text.buffer]
    : [part.days.buffer, part.users.buffer, part.withImage.buffer, part.withoutImage.buffer];
