import type { NamePattern } from './prefix-range.ts';

/** Which users are meant, in terms of what is stored. */
export interface Filter {
  hasImage: boolean | undefined;
  /** Born at this instant or later, ms since 1970 UTC; the start of a UTC day. */
  bornFrom: number | undefined;
  /** Born before this instant, ms since 1970 UTC; the start of a UTC day. */
  bornBefore: number | undefined;
  userIds: readonly string[] | undefined;
  firstName: NamePattern | undefined;
  lastName: NamePattern | undefined;
  /** Whether the answer depends on what day it is. */
  dependsOnDay: boolean;
}
