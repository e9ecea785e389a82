import { serveMetrics } from './metrics-server.ts';
import { addProcessMetrics } from './process-metrics.ts';
import { openMetrics } from './registry.ts';

/**
 * Opens the metrics of a process, with its figures, and serves them on a port of their own when there is one.
 *
 * @param port undefined: none
 * @throws the error of listen
 */
export async function startMetrics(host: string, port: number | undefined) {
  const metrics = openMetrics();
  const stopSampling = addProcessMetrics(metrics);
  const server = port === undefined ? undefined : await serveMetrics(host, port, metrics);
  return {
    metrics,
    stopStep: {
      what: 'the metrics',
      async stop(): Promise<void> {
        stopSampling();
        await server?.close();
      },
    },
  };
}
