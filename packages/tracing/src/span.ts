import type { TraceContext } from './trace-context.ts';

/** The role of a span in a call between services. Default: `internal`. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** An undefined value is left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * The attributes of a span that sends a message, or works on a received one.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
 */
export const messageAttributes = (operation: 'send' | 'process', subject: string): Attributes => ({
  'messaging.operation.type': operation,
  'messaging.destination.name': subject,
});

export interface SpanOptions {
  kind?: SpanKind;
  attributes?: Attributes;
}

/** A timed step of a trace. */
export interface Span {
  /** What a message or response carries, so that its receiver continues the trace. Undefined without tracing. */
  readonly context: TraceContext | undefined;
  /** For log lines. Undefined without tracing. */
  readonly traceId: string | undefined;
  child(name: string, options?: SpanOptions): Span;
  rename(name: string): void;
  set(attributes: Attributes): void;
  /** Marks the step as failed. @param error what failed, or a short code that names it */
  fail(error: unknown): void;
  /** Ends the step. Call it once. */
  end(): void;
}

/** Starts the spans of a service. */
export interface Tracer {
  /** Whether there is tracing. If not, callers can leave out what only spans need. */
  readonly isOn: boolean;
  /**
   * Starts a span that continues a trace, or the first span of a new one.
   *
   * @param parents contexts of the requests that caused it. It becomes a child of one of them, preferably of one that is recorded, and
   *   links to the others
   */
  start(name: string, parents: readonly TraceContext[], options?: SpanOptions): Span;
}

/** The span of a service without tracing. */
export const NO_SPAN: Span = {
  context: undefined,
  traceId: undefined,
  child: () => NO_SPAN,
  rename: () => undefined,
  set: () => undefined,
  fail: () => undefined,
  end: () => undefined,
};

/** The tracer of a service without tracing. */
export const NO_TRACER: Tracer = { isOn: false, start: () => NO_SPAN };

/** Does the work of a span, and ends it. An error marks the span as failed, and is rethrown. */
export async function inSpan<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}
