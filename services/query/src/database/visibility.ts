import type { At } from './snapshot-reader.ts';

/** SQL with a placeholder for each of `values`. */
export interface Clause {
  sql: string;
  values: (string | number)[];
}

/** What is valid at a generation; never by an index. */
export const validAt = ({ generation }: At): Clause => ({
  sql: '+valid_from <= ? AND +valid_until > ?',
  values: [generation, generation],
});
