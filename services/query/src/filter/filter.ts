/** Restrictions on stored columns. A row matches when it meets all of them. */
export interface Filter {
  /** Only rows with one of these ids; undefined for any id. */
  readonly ids: readonly string[] | undefined;
  /** Terms that a field must meet, by its name. */
  readonly fields: ReadonlyMap<string, readonly Term[]>;
  /** Whether a row must have the file (true) or must not (false), by the name of a companion. */
  readonly companions: ReadonlyMap<string, boolean>;
  /** Whether the result depends on the current UTC day, as a bound of an age does. */
  readonly dependsOnDay: boolean;
}

/** A comparison of a stored value, as in SQL. Text is ordered by its UTF-8 bytes. A missing value matches only `IS` null. */
export type Term = readonly [operator: Operator, value: string | number | null];

/** SQL operators. `IN` takes a JSON array. */
export type Operator = '=' | 'IS' | '<' | '<=' | '>' | '>=' | 'IN';
