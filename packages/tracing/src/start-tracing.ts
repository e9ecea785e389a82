import { withTimeout } from '@landfall/concurrency/with-timeout';
import type { Logger } from '@landfall/process/logger';
import type { StopStep } from '@landfall/process/stop';
import { NO_TRACER, type Tracer } from './span.ts';
import { isTracingWanted, type TracingSettings } from './tracing-settings.ts';

/** How long the last spans may take to be sent when the service stops, ms. */
const LAST_SPANS_MS = 1_000;

/** The tracing of a process. */
export interface Tracing {
  tracer: Tracer;
  /** Sends the last spans, within a second. It never fails. */
  stopStep: StopStep;
}

/**
 * Starts tracing when the standard variables of OpenTelemetry ask for it. Otherwise its packages are not loaded.
 *
 * @param presetName the name of the service unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` has another
 */
export async function startTracing(
  settings: TracingSettings,
  presetName: string,
  log: Logger,
): Promise<Tracing> {
  if (!isTracingWanted(settings)) return tracingOf(NO_TRACER, async () => undefined);
  const [{ openOtelTracer }, { makeSampler }, { openExporter }] = await Promise.all([
    import('./otel-tracer.ts'),
    import('./sampler.ts'),
    import('./otlp-exporter.ts'),
  ]);
  const { tracer, close } = openOtelTracer({
    presetName,
    serviceName: settings.OTEL_SERVICE_NAME,
    sampler: makeSampler(settings),
    exporter: openExporter((err) => {
      if (err) log.warn({ err }, 'spans cannot be sent to the collector: they are lost');
      else log.info('spans are sent to the collector');
    }),
  });
  return tracingOf(tracer, close);
}

function tracingOf(tracer: Tracer, close: () => Promise<void>): Tracing {
  // A failure is lost spans, of which the exporter has told.
  const flush = () => close().catch(() => undefined);
  const stop = () => withTimeout(LAST_SPANS_MS, flush(), () => undefined);
  return { tracer, stopStep: { what: 'the traces', stop } };
}
