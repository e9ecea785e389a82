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
import { queryOptions, readConfig } from './config.ts';
import { startQuery } from './start.ts';

try {
  disablePretenuring();
  const config = readConfig(process.env);
  const definition = readDefinition(config.DATASET_FILE);
  const log = makeLogger('query', config.LOG_LEVEL);
  exitOnUncaught(log);
  const tracing = await startTracing(config, 'landfall-query', log);
  const { store, bus } = connectStack(config, 'query', log);
  const options = { definition, clock: Date.now, ...queryOptions(config) };
  const metrics = await startMetrics(config.HOST, config.METRICS_PORT);
  const query = await startQuery({
    ...{ store, bus, log, metrics: metrics.metrics, tracer: tracing.tracer },
    ...options,
  });
  log.info(`the API is at ${query.address}`);

  log.info(`${await waitForSignal()}: stopping`);
  const stopBus = { what: 'the event bus', stop: bus.close };
  process.exit(await stopWithin([...query.stopSteps, metrics.stopStep, stopBus, tracing.stopStep], log));
} catch (error) {
  exitWithError(error);
}
