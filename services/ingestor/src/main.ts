import { readDefinition } from '@landfall/contracts/definition/read-definition';
import { startMetrics } from '@landfall/metrics/start-metrics';
import { exitOnUncaught } from '@landfall/process/exit-on-uncaught';
import { exitWithError } from '@landfall/process/exit-with-error';
import { makeLogger } from '@landfall/process/logger';
import { stopWithin } from '@landfall/process/stop';
import { disablePretenuring } from '@landfall/process/v8-flags';
import { waitForSignal } from '@landfall/process/wait-for-signal';
import { connectStack } from '@landfall/stack/connect';
import { startTracing } from '@landfall/tracing/start-tracing';
import { ingestorOptions, readConfig } from './config.ts';
import { serveHealth } from './health/health-server.ts';
import { openIngestorMetrics } from './metrics/ingestor-metrics.ts';
import { showProgress } from './run/progress-bar.ts';
import { startIngestor } from './start.ts';

try {
  disablePretenuring();
  const config = readConfig(process.env);
  const definition = readDefinition(config.DATASET_FILE);
  const log = makeLogger('ingestor', config.LOG_LEVEL);
  exitOnUncaught(log);

  // Only its own port serves the metrics.
  const served =
    config.METRICS_PORT === undefined ? undefined : await startMetrics(config.HOST, config.METRICS_PORT);
  const metrics = served && openIngestorMetrics(served.metrics);
  const tracing = await startTracing(config, 'landfall-ingestor', log);
  const { store, bus } = connectStack(config, 'ingestor', log, metrics?.countRetry);
  const options = { definition, clock: Date.now, ...ingestorOptions(config) };
  const ingestor = startIngestor({ store, bus, log, metrics, tracer: tracing.tracer, ...options });
  // The log goes to standard error, too. Only a terminal gets a progress bar.
  if (process.stderr.isTTY) showProgress(bus, process.stderr);
  const health = await serveHealth(config.HOST, config.PORT, ingestor.health);
  log.info(`the ingestor is running; its health endpoints are at ${health.address}`);

  log.info(`${await waitForSignal()}: stopping`);
  const steps = [
    { what: 'the ingestor', stop: ingestor.stop },
    { what: 'the health server', stop: health.close },
    ...(served ? [served.stopStep] : []),
    { what: 'the event bus', stop: bus.close },
    tracing.stopStep,
  ];
  process.exit(await stopWithin(steps, log));
} catch (error) {
  exitWithError(error);
}
