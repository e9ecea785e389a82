import type { Condition } from '@landfall/contracts/messages/condition';

/** Every condition of the ingestor, the worst first: its level and what ends it. */
const CONDITIONS = {
  manifest_damaged: {
    level: 'red',
    clears: 'the next run that lists the whole bucket and finds a manifest that can be understood',
  },
  removals_held: {
    level: 'red',
    clears: 'the files come back, or POST /data?force=true applies the removals',
  },
  run_failed: { level: 'red', clears: 'the next run that lists the whole bucket and succeeds' },
  state_damaged: {
    level: 'red',
    clears: 'the next run that lists the whole bucket and finds nothing damaged any more',
  },
  not_fenced: {
    level: 'red',
    clears: 'NATS can be reached: the store does not check conditional puts, so only the lease protects',
  },
  many_overwritten: { level: 'amber', clears: 'the next full listing that does not overwrite as many rows' },
  folder_unreadable: { level: 'amber', clears: 'the next full listing that can read the folder' },
  waiting: { level: 'amber', clears: 'the leading ingestor stops, or gives up its lease' },
} as const satisfies Record<string, Pick<Condition, 'level' | 'clears'>>;

export type ConditionCode = keyof typeof CONDITIONS;
const CODES = Object.keys(CONDITIONS) as ConditionCode[];

export type Conditions = ReturnType<typeof openConditions>;

/**
 * What is wrong with ingestion now. A condition stays until whatever set it clears it: a later run that had nothing to
 * do with the fault does not.
 *
 * @param clock ms since 1970 UTC
 */
export function openConditions(clock: () => number) {
  const active = new Map<ConditionCode, Condition>();
  return {
    /** Sets a condition; one that is set already keeps its `since`. */
    set(code: ConditionCode, detail: string): void {
      const since = active.get(code)?.since ?? new Date(clock()).toISOString();
      active.set(code, { code, ...CONDITIONS[code], detail, since });
    },
    clear: (code: ConditionCode): boolean => active.delete(code),
    /** Clears all: what was wrong under an earlier leadership, a later one finds out anew. */
    reset: (): void => active.clear(),
    has: (code: ConditionCode): boolean => active.has(code),
    /** The worst first. */
    list: (): Condition[] => CODES.flatMap((code) => active.get(code) ?? []),
  };
}
