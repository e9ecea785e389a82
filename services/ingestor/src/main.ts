import { fail } from '@landfall/process/fail';
import { makeLogger } from '@landfall/process/logger';
import { untilSignal } from '@landfall/process/signal';
import { startYoung } from '@landfall/process/young-objects';
import { connectStack } from '@landfall/stack/connect';
import { ingestorOptions, readConfig } from './config.ts';
import { serveHealth } from './health.ts';
import { showProgress } from './progress-bar.ts';
import { startIngestor } from './start.ts';

try {
  startYoung();
  const config = readConfig(process.env);
  const log = makeLogger('ingestor', config.LOG_LEVEL);
  const { store, bus } = connectStack(config, 'ingestor', log);
  const ingestor = startIngestor({ store, bus, log, clock: Date.now, ...ingestorOptions(config) });
  // The log goes to the same place; only somebody who sits before it sees a bar.
  if (process.stderr.isTTY) showProgress(bus, process.stderr);
  const health = await serveHealth(config.HOST, config.PORT, ingestor.health);
  log.info(`the ingestor is at work; its health is at ${health.address}`);

  log.info(`${await untilSignal()}: stopping`);
  await health.close();
  await ingestor.stop();
  await bus.close();
} catch (error) {
  fail(error);
}
