/** First id. All ids have the same number of digits, so they are in byte order. */
const FIRST_ID = 10_000_000;

/** Returns the id of the row with index `i`, from 0. */
export const rowIdAt = (i: number): string => String(FIRST_ID + i);
