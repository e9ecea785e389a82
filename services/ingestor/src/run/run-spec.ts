import type { RunTrigger } from '@landfall/contracts/messages/run';
import { joinTraces, type TraceContext } from '@landfall/tracing/trace-context';
import type { ScanScope } from '../scan/scan-source.ts';

/** The part of the source bucket that a run compares with the catalog. */
export type RunScope = ScanScope;

export const FULL_SCOPE: RunScope = { kind: 'full' };

/** What a requested run does, and why it was requested. */
export interface RunSpec {
  trigger: RunTrigger;
  scope: RunScope;
  /** Whether the run applies removals that the removal guard would hold back. */
  force: boolean;
  /** The requests that the run belongs to, for tracing. */
  traces: readonly TraceContext[];
}

/** Above this number of keys a full listing costs less than a request per key. */
export const MAX_KEYS = 5_000;

/** Precedence of the triggers: the report of a merged run names the first of these. */
const TRIGGER_PRECEDENCE: readonly RunTrigger[] = ['request', 'start', 'schedule', 'bucket'];

/** A scope of these keys, or the full scope when there are more than `MAX_KEYS`. */
export const keyScope = (keys: ReadonlySet<string>): RunScope =>
  keys.size <= MAX_KEYS ? { kind: 'keys', keys } : FULL_SCOPE;

/** The smallest scope that contains all of these. */
export function unionScopes(scopes: readonly RunScope[]): RunScope {
  const keys = new Set<string>();
  for (const scope of scopes) {
    if (scope.kind === 'full') return FULL_SCOPE;
    for (const key of scope.keys) keys.add(key);
  }
  return keyScope(keys);
}

/** The run that does what both runs would do. */
export const mergeSpecs = (a: RunSpec, b: RunSpec): RunSpec => ({
  trigger: TRIGGER_PRECEDENCE.find((trigger) => trigger === a.trigger || trigger === b.trigger) ?? a.trigger,
  scope: unionScopes([a.scope, b.scope]),
  force: a.force || b.force,
  traces: joinTraces(a.traces, b.traces),
});
