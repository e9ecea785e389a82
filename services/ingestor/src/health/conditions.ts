import type { Condition } from '@landfall/contracts/messages/condition';

/** The conditions of the ingestor, the worst first: the level and what clears it. */
const CONDITIONS = {
  manifest_damaged: {
    level: 'red',
    clears: 'the next run that lists the whole bucket and finds a manifest that can be parsed',
  },
  removals_held: {
    level: 'red',
    clears: 'the files come back, or POST /data?force=true applies the removals',
  },
  nothing_matches: {
    level: 'red',
    clears: 'a run finds a file that makes a row, or the source bucket is empty',
  },
  run_failed: { level: 'red', clears: 'the next run that lists the whole bucket and succeeds' },
  state_damaged: {
    level: 'red',
    clears: 'the next run that lists the whole bucket and finds no damage',
  },
  not_fenced: {
    level: 'red',
    clears:
      'NATS can be reached: the store ignores conditional puts, so only the lease keeps two ingestors apart',
  },
  many_overwritten: { level: 'amber', clears: 'the next full listing that does not overwrite as many rows' },
  folder_unreadable: { level: 'amber', clears: 'the next full listing that can read the folder' },
  waiting: { level: 'amber', clears: 'the leading ingestor stops or loses its lease' },
} as const satisfies Record<string, Pick<Condition, 'level' | 'clears'>>;

export type ConditionCode = keyof typeof CONDITIONS;
const CODES = Object.keys(CONDITIONS) as ConditionCode[];

export type Conditions = ReturnType<typeof openConditions>;

/**
 * The active conditions of the ingestor. A condition stays until the check that set it clears it: a later run that did not check
 * for the fault does not.
 *
 * @param clock ms since 1970 UTC
 */
export function openConditions(clock: () => number) {
  const active = new Map<ConditionCode, Condition>();
  return {
    /** Sets a condition. An active condition keeps its `since`. */
    set(code: ConditionCode, detail: string): void {
      const since = active.get(code)?.since ?? new Date(clock()).toISOString();
      active.set(code, { code, ...CONDITIONS[code], detail, since });
    },
    clear: (code: ConditionCode): boolean => active.delete(code),
    /** Clears all conditions at the start of a leadership, which checks everything again. */
    reset: (): void => active.clear(),
    has: (code: ConditionCode): boolean => active.has(code),
    /** Returns the active conditions, the worst first. */
    list: (): Condition[] => CODES.flatMap((code) => active.get(code) ?? []),
  };
}
