import { setTimeout as sleep } from 'node:timers/promises';
import { type OtelOptions, openOtelTracer } from './otel-tracer.ts';
import { makeSampler } from './sampler.ts';
import type { TracingSettings } from './tracing-settings.ts';

type RecordedSpan = Parameters<OtelOptions['exporter']['export']>[0][number];
/** How long spans may take to end, ms. */
const SOON_MS = 60_000;
const KINDS = ['internal', 'server', 'client', 'producer', 'consumer'];

export type Recording = ReturnType<typeof recordSpans>;

/** A tracer that keeps its spans in memory. */
export function recordSpans(sampler: TracingSettings['OTEL_TRACES_SAMPLER'] = 'parentbased_always_on') {
  const recorded: RecordedSpan[] = [];
  const { tracer, flush } = openOtelTracer({
    presetName: 'test',
    sampler: makeSampler({ OTEL_TRACES_SAMPLER: sampler }),
    exporter: {
      export(spans, done) {
        recorded.push(...spans);
        done({ code: 0 });
      },
      shutdown: async () => undefined,
    },
  });

  /** The ended spans, oldest first. */
  async function ended(): Promise<RecordedSpan[]> {
    await flush();
    return recorded.toSorted((a, b) => nanos(a) - nanos(b));
  }

  return {
    tracer,
    ended,
    /** Waits until a span has ended. @returns the first that matches */
    async until(what: string, isWanted: (span: RecordedSpan) => boolean): Promise<RecordedSpan> {
      for (const end = Date.now() + SOON_MS; ; await sleep(10)) {
        const found = (await ended()).find(isWanted);
        if (found) return found;
        if (Date.now() > end) throw new Error(`no span ${what}: ${recorded.map(({ name }) => name)}`);
      }
    },
    /** A trace as text: a line per span with its kind and name, indented below its parent, in the order in which they started. */
    async tree(traceId: string): Promise<string[]> {
      const spans = (await ended()).filter((span) => span.spanContext().traceId === traceId);
      const ids = new Set(spans.map((span) => span.spanContext().spanId));
      const below = (parent: string | undefined, depth: number): string[] =>
        spans
          .filter(
            ({ parentSpanContext: of }) => (of && ids.has(of.spanId) ? of.spanId : undefined) === parent,
          )
          .flatMap((span) => [
            `${'  '.repeat(depth)}${KINDS[span.kind]} ${span.name}`,
            ...below(span.spanContext().spanId, depth + 1),
          ]);
      return below(undefined, 0);
    },
  };
}

const nanos = ({ startTime: [seconds, nanoseconds] }: RecordedSpan): number => seconds * 1e9 + nanoseconds;
