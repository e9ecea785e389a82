import { VALID_FROM, VALID_UNTIL } from './identifiers.ts';
import type { At } from './snapshot-reader.ts';

/** SQL with a placeholder for each of `values`. */
export interface Clause {
  sql: string;
  values: (string | number)[];
}

/** What is valid at a generation; never by an index. */
export const validAt = ({ generation }: At): Clause => ({
  sql: `+${VALID_FROM} <= ? AND +${VALID_UNTIL} > ?`,
  values: [generation, generation],
});
