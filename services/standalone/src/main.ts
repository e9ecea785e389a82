import { ingestorOptions } from '@landfall/ingestor/config';
import { showProgress } from '@landfall/ingestor/progress-bar';
import { startIngestor } from '@landfall/ingestor/start';
import { fail } from '@landfall/process/fail';
import { makeLogger } from '@landfall/process/logger';
import { untilSignal } from '@landfall/process/signal';
import { startYoung } from '@landfall/process/young-objects';
import { queryOptions } from '@landfall/query/config';
import { startQuery } from '@landfall/query/start';
import { seed } from '@landfall/seeder/seed';
import { readConfig } from './config.ts';
import { lockFolders } from './locks.ts';
import { openPorts } from './ports.ts';
import { welcome } from './welcome.ts';

try {
  startYoung();
  const config = readConfig(process.env);
  const log = makeLogger('standalone', config.LOG_LEVEL);
  const { stateLock } = lockFolders(config);
  const { store, bus, sourceFolder, tellChanges, close } = await openPorts(config, log);
  const parts = { store, bus, log, clock: Date.now };
  const signal = untilSignal();

  // Before anything is put in or ingested: it fails when the port is taken.
  const query = await startQuery({ ...parts, ...queryOptions(config) });
  const seeded = await seed(store, config.SOURCE_BUCKET);
  await tellChanges();
  const hideProgress = showProgress(bus, process.stderr);
  const ingestor = startIngestor({ ...parts, ...ingestorOptions(config), stateLock });
  const report = await ingestor.firstRun;
  await query.look().catch((err) => log.warn({ err }, 'what is published could not be loaded'));
  process.stdout.write(welcome({ query, seeded, report, sourceFolder }));

  await signal;
  await ingestor.stop();
  await query.stop();
  hideProgress();
  await close();
} catch (error) {
  fail(error);
}
