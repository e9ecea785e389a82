import {
  createTraceState,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type Sampler,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Attributes, Span, SpanOptions, Tracer } from './span.ts';
import { isSampled, partsOf, type TraceContext } from './trace-context.ts';

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** Characters of an error's message. */
const MAX_MESSAGE = 1_000;

/** What a tracer is made of. */
export interface OtelOptions {
  /** The name of the service when the environment does not name it. */
  presetName: string;
  /** The name that the operator gave the service. */
  serviceName?: string | undefined;
  sampler: Sampler;
  exporter: SpanExporter;
}

/**
 * Opens a tracer of OpenTelemetry. Ended spans wait in a queue of at most 2,048 and are sent every five seconds; more are dropped.
 *
 * @returns the tracer, and `close`, which sends what waits, without a deadline
 */
export function openOtelTracer({ presetName, serviceName, sampler, exporter }: OtelOptions) {
  const named = (name: string) => resourceFromAttributes({ 'service.name': name });
  const detected = detectResources({ detectors: [serviceInstanceIdDetector, resourceAttributesEnvDetector] });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(named(presetName))
      .merge(detected)
      .merge(serviceName === undefined ? null : named(serviceName)),
    sampler,
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const otel = provider.getTracer('landfall');

  const start = (
    name: string,
    within: typeof ROOT_CONTEXT,
    links: readonly TraceContext[],
    { kind = 'internal', attributes = {} }: SpanOptions = {},
  ): Span =>
    wrap(
      otel.startSpan(
        name,
        {
          kind: KINDS[kind],
          attributes: defined(attributes),
          links: links.map((context) => ({ context: remote(context) })),
        },
        within,
      ),
    );

  function wrap(span: OtelSpan): Span {
    const own = contextOf(span.spanContext());
    const within = trace.setSpan(ROOT_CONTEXT, span);
    return {
      context: own,
      traceId: partsOf(own).traceId,
      child: (name, options) => start(name, within, [], options),
      rename: (name) => void span.updateName(name),
      set: (attributes) => void span.setAttributes(defined(attributes)),
      fail(error) {
        const { type, ...described } = describe(error);
        span.setStatus({ code: SpanStatusCode.ERROR, ...described }).setAttribute('error.type', type);
      },
      end: () => span.end(),
    };
  }

  const tracer: Tracer = {
    isOn: true,
    start(name, parents, options) {
      const parent = parents.find(isSampled) ?? parents[0];
      const links = parents.filter((context) => context !== parent);
      const within = parent ? trace.setSpanContext(ROOT_CONTEXT, remote(parent)) : ROOT_CONTEXT;
      return start(name, within, links, options);
    },
  };
  return {
    tracer,
    flush: () => provider.forceFlush(),
    close: () => provider.shutdown(),
  };
}

function remote(context: TraceContext): SpanContext {
  const { traceId, spanId, flags } = partsOf(context);
  const { tracestate } = context;
  const traceState = tracestate === undefined ? {} : { traceState: createTraceState(tracestate) };
  return { traceId, spanId, traceFlags: flags, isRemote: true, ...traceState };
}

function contextOf({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
  const flags = traceFlags.toString(16).padStart(2, '0');
  const tracestate = traceState?.serialize();
  return { traceparent: `00-${traceId}-${spanId}-${flags}`, ...(tracestate && { tracestate }) };
}

/** As the log: what failed in words, without a stack. */
function describe(error: unknown): { type: string; message?: string } {
  if (!(error instanceof Error)) return { type: String(error) };
  const type = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return { type, message: error.message.slice(0, MAX_MESSAGE) };
}

const defined = (attributes: Attributes) =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
