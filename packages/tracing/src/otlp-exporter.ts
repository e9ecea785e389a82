import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { SpanExporter } from '@opentelemetry/sdk-trace';

type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0];
/** `ExportResultCode.SUCCESS` of @opentelemetry/core. */
const SUCCESS: Result = { code: 0 };

/**
 * Sends spans to a collector over OTLP. The environment has its address, headers, timeout and certificates
 * (`OTEL_EXPORTER_OTLP_*`). The caller learns of no failure: spans that cannot be sent are lost, and nothing else may suffer.
 *
 * @param onChange called with each failure that differs from the last one, and with undefined when spans are sent again
 */
export function openExporter(onChange: (failure: Error | undefined) => void): SpanExporter {
  const exporter = new OTLPTraceExporter();
  let last: string | undefined;

  function handle(failure: Error | undefined): void {
    if (failure?.message === last) return;
    last = failure?.message;
    onChange(failure);
  }

  return {
    export(spans, done) {
      exporter.export(spans, ({ code, error }) => {
        handle(error ?? (code === SUCCESS.code ? undefined : new Error('the export failed')));
        done(SUCCESS);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  };
}
