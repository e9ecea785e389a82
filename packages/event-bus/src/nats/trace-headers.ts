import { parseTraceContext, type TraceContext } from '@landfall/tracing/trace-context';
import { headers, Match, type MsgHdrs } from 'nats';

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';

/** The headers of a message that belongs to a trace; none without one. */
export function traceHeaders(trace: TraceContext | undefined): { headers?: MsgHdrs } {
  if (!trace) return {};
  const all = headers();
  all.set(TRACEPARENT, trace.traceparent);
  if (trace.tracestate !== undefined) all.set(TRACESTATE, trace.tracestate);
  return { headers: all };
}

/** The trace of a received message. Clients in other languages change the case of header names. */
export function traceOf({ headers: all }: { headers?: MsgHdrs | undefined }): TraceContext | undefined {
  return (
    all && parseTraceContext(all.get(TRACEPARENT, Match.IgnoreCase), all.get(TRACESTATE, Match.IgnoreCase))
  );
}
