import { fail } from '@landfall/process/fail';
import { endOnUncaught } from '@landfall/process/last-resort';
import { makeLogger } from '@landfall/process/logger';
import { untilSignal } from '@landfall/process/signal';
import { stopWithin } from '@landfall/process/stop';
import { startYoung } from '@landfall/process/v8-flags';
import { connectStack } from '@landfall/stack/connect';
import { queryOptions, readConfig } from './config.ts';
import { startQuery } from './start.ts';

try {
  startYoung();
  const config = readConfig(process.env);
  const log = makeLogger('query', config.LOG_LEVEL);
  endOnUncaught(log);
  const { store, bus } = connectStack(config, 'query', log);
  const query = await startQuery({ store, bus, log, clock: Date.now, ...queryOptions(config) });
  log.info(`the API is at ${query.address}`);

  log.info(`${await untilSignal()}: stopping`);
  process.exit(await stopWithin([...query.stopSteps, { what: 'the event bus', stop: bus.close }], log));
} catch (error) {
  fail(error);
}
