import type { PrefixRange } from './prefix-range.ts';

/** Conditions on stored columns. A row matches when it meets all of them. */
export interface Filter {
  /** Only rows with one of these ids; undefined for no condition on the id. */
  readonly ids: readonly string[] | undefined;
  /** The texts that match, by the name of a string column. */
  readonly strings: ReadonlyMap<string, PrefixRange>;
  /** The instants that match, by the name of a timestamp column. */
  readonly ranges: ReadonlyMap<string, InstantRange>;
  /** Whether a row must have the file (true) or must not (false), by the name of a companion. */
  readonly companions: ReadonlyMap<string, boolean>;
  /** Whether the result depends on the current UTC day, as a bound of an age does. */
  readonly dependsOnDay: boolean;
}

/** Instants from `from` up to, but excluding, `before`. Both are starts of UTC days, in ms since 1970 UTC. */
export interface InstantRange {
  /** undefined for no lower bound. */
  readonly from: number | undefined;
  /** undefined for no upper bound. */
  readonly before: number | undefined;
}

export const EVERY_INSTANT: InstantRange = { from: undefined, before: undefined };
