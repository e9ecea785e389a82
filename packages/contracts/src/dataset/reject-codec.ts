import { REJECT_COLUMNS } from './columns.ts';
import { csvLine } from './csv-line.ts';
import type { Reject } from './reject.ts';

/** The first line of rejects.csv. */
export const rejectsHeader = (): string => csvLine(REJECT_COLUMNS);
/** One line of rejects.csv, with its `\n`. */
export const rejectLine = (reject: Reject): string =>
  csvLine(REJECT_COLUMNS.map((column) => String(reject[column])));
