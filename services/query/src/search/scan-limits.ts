/** How long one read may be, in users; then others get their turn. */
export interface Pace {
  /** When no more than so many can match, they are found by an index, and sorted; by anything but their ids in one read. */
  few: number;
  /** Rows per read, at most; where they are written as text and are large, fewer from the second read on. */
  atATime: number;
  /** So many are looked at in one read: the fewest, and the most, when what matches is far away. */
  window: { min: number; max: number };
}

/** About a millisecond or two, and up to 7 where few are sorted: to walk to them in that order would take ten times that. */
export const PACE: Pace = { few: 5_000, atATime: 500, window: { min: 256, max: 4_096 } };
