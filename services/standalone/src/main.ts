import { openIngestorMetrics } from '@landfall/ingestor/metrics/ingestor-metrics';
import { startMetrics } from '@landfall/metrics/start-metrics';
import { exitOnUncaught } from '@landfall/process/exit-on-uncaught';
import { exitWithError } from '@landfall/process/exit-with-error';
import { makeLogger } from '@landfall/process/logger';
import { stopWithin } from '@landfall/process/stop';
import { disablePretenuring } from '@landfall/process/v8-flags';
import { waitForSignal } from '@landfall/process/wait-for-signal';
import { queryOptions } from '@landfall/query/config';
import { startQuery } from '@landfall/query/start';
import { startTracing } from '@landfall/tracing/start-tracing';
import { readConfig } from './config.ts';
import { beginIngestion } from './ingestion.ts';
import { lockFolders } from './locks.ts';
import { openPorts } from './ports.ts';

try {
  disablePretenuring();
  const config = readConfig(process.env);
  const log = makeLogger('standalone', config.LOG_LEVEL);
  exitOnUncaught(log);
  const { stateLock } = lockFolders(config);
  const ports = await openPorts(config, log);
  const tracing = await startTracing(config, 'landfall', log);
  const parts = {
    ...{ store: ports.store, bus: ports.bus, tracer: tracing.tracer },
    ...{ log, clock: Date.now },
  };
  const signal = waitForSignal();

  // First, since it fails when the port is in use.
  const { definition } = config;
  const { metrics, stopStep } = await startMetrics(config.HOST, config.METRICS_PORT);
  const query = await startQuery({ ...parts, definition, metrics, ...queryOptions(config) });
  const counted = { ...parts, metrics: openIngestorMetrics(metrics) };
  const ingestion = beginIngestion({ ...counted, stateLock, config, ports, query });
  // A signal does not wait for the first run.
  await Promise.race([signal, ingestion.begun.then(() => signal)]);

  // In parallel: each may need most of the time.
  const stopBoth = () => Promise.all([ingestion.stop(), query.stop()]);
  const steps = [
    { what: 'the ingestor or the API', stop: stopBoth },
    stopStep,
    { what: 'the folders and the bus', stop: ports.close },
    tracing.stopStep,
  ];
  process.exit(await stopWithin(steps, log));
} catch (error) {
  exitWithError(error);
}
