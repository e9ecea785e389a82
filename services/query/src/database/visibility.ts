import { VALID_FROM, VALID_UNTIL } from './identifiers.ts';
import type { GenerationId } from './snapshot-reader.ts';

/** An SQL condition, and the values of its parameters. */
export interface Clause {
  sql: string;
  values: (string | number | null)[];
}

/** The condition that a version is valid at a generation. The unary plus keeps SQLite from using an index for it. */
export const validAt = ({ generation }: GenerationId): Clause => ({
  sql: `+${VALID_FROM} <= ? AND +${VALID_UNTIL} > ?`,
  values: [generation, generation],
});
