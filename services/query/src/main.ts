import { fail } from '@landfall/process/fail';
import { makeLogger } from '@landfall/process/logger';
import { untilSignal } from '@landfall/process/signal';
import { startYoung } from '@landfall/process/young-objects';
import { connectStack } from '@landfall/stack/connect';
import { queryOptions, readConfig } from './config.ts';
import { startQuery } from './start.ts';

try {
  startYoung();
  const config = readConfig(process.env);
  const log = makeLogger('query', config.LOG_LEVEL);
  const { store, bus } = connectStack(config, 'query', log);
  const query = await startQuery({ store, bus, log, clock: Date.now, ...queryOptions(config) });
  log.info(`the API is at ${query.address}`);

  log.info(`${await untilSignal()}: stopping`);
  await query.stop();
  await bus.close();
} catch (error) {
  fail(error);
}
