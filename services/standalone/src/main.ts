import { ingestorOptions } from '@landfall/ingestor/config';
import { showProgress } from '@landfall/ingestor/progress-bar';
import { type Ingestor, startIngestor } from '@landfall/ingestor/start';
import { fail } from '@landfall/process/fail';
import { endOnUncaught } from '@landfall/process/last-resort';
import { makeLogger } from '@landfall/process/logger';
import { untilSignal } from '@landfall/process/signal';
import { stopWithin } from '@landfall/process/stop';
import { startYoung } from '@landfall/process/young-objects';
import { queryOptions } from '@landfall/query/config';
import { startQuery } from '@landfall/query/start';
import { readConfig } from './config.ts';
import { lockFolders } from './locks.ts';
import { openPorts } from './ports.ts';
import { seedDemo } from './seed-demo.ts';
import { welcome } from './welcome.ts';

try {
  startYoung();
  const config = readConfig(process.env);
  const log = makeLogger('standalone', config.LOG_LEVEL);
  endOnUncaught(log);
  const { stateLock } = lockFolders(config);
  const { store, bus, sourceFolder, tellChanges, close } = await openPorts(config, log);
  const parts = { store, bus, log, clock: Date.now };
  const signal = untilSignal();

  // Before anything is put in or ingested: it fails when the port is taken.
  const query = await startQuery({ ...parts, ...queryOptions(config) });
  let ingestor: Ingestor | undefined;
  let hideProgress = (): void => undefined;
  let isStopping = false;
  const begun = begin();
  // A signal is not kept waiting for the first run.
  await Promise.race([signal, begun.then(() => signal)]);
  isStopping = true;
  // Both at once: each may need most of the time.
  const stopAll = () => Promise.all([ingestor?.stop(), stopQuery()]);
  const stopQuery = async () => {
    for (const { stop } of query.stopSteps) await stop();
  };
  const exitCode = await stopWithin(
    [
      { what: 'the ingestor or the API', stop: stopAll },
      { what: 'the folders and the bus', stop: close },
    ],
    log,
  );
  hideProgress();
  process.exit(exitCode);

  async function begin(): Promise<void> {
    const seeded = await seedDemo(config, store, query.manifest() !== undefined, log);
    if (!isStopping)
      await tellChanges().catch((err) => log.warn({ err }, 'the source bucket cannot be watched'));
    if (isStopping) return;
    hideProgress = showProgress(bus, process.stderr);
    ingestor = startIngestor({ ...parts, ...ingestorOptions(config), stateLock });
    const report = await ingestor.firstRun;
    await query.look().catch((err) => log.warn({ err }, 'what is published could not be loaded'));
    process.stdout.write(welcome({ query, seeded, report, sourceFolder }));
  }
} catch (error) {
  fail(error);
}
