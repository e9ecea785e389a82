/**
 * Which trace and span a request or message belongs to.
 *
 * @see https://www.w3.org/TR/trace-context/
 */
export interface TraceContext {
  /** `00-<trace id>-<span id>-<flags>`, all in hex. */
  traceparent: string;
  /** What other tracing systems add. It is passed on. */
  tracestate?: string;
}

/** A `traceparent`. Later versions may append fields. */
const TRACEPARENT =
  /^(?!ff)([\da-f]{2})-((?!0{32})[\da-f]{32})-((?!0{16})[\da-f]{16})-([\da-f]{2})(-[\x20-\x7e]*)?$/;
/** A `tracestate` that every system must pass on: up to 512 characters. Longer ones are dropped. */
const TRACESTATE = /^[\t\x20-\x7e]{1,512}$/;
const MAX_TRACEPARENT = 256;
/** Requests that are remembered of a job that many share. */
const MAX_JOINED = 32;

/**
 * Reads the two headers of a trace context, which anybody may have sent.
 *
 * @returns undefined when there is no valid `traceparent`. An invalid `tracestate` alone is dropped
 */
export function parseTraceContext(traceparent: unknown, tracestate: unknown): TraceContext | undefined {
  if (typeof traceparent !== 'string' || traceparent.length > MAX_TRACEPARENT) return undefined;
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(traceparent) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return undefined;
  const context = { traceparent: `00-${traceId}-${spanId}-${flags}` };
  return typeof tracestate === 'string' && TRACESTATE.test(tracestate) ? { ...context, tracestate } : context;
}

/** The parts of a valid `traceparent`. */
export function partsOf({ traceparent }: TraceContext) {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** Whether the sender records its spans. */
export const isSampled = (context: TraceContext): boolean => (partsOf(context).flags & 1) === 1;

/** The contexts of the requests that share a job, oldest first; of very many, the first. */
export const joinTraces = (
  one: readonly TraceContext[],
  other: readonly TraceContext[],
): readonly TraceContext[] => [...one, ...other].slice(0, MAX_JOINED);
