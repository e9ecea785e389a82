import { disablePretenuring } from '@landfall/process/v8-flags';
import { profiled } from '../report/phases.ts';
import { bareListing, bareReading, bareRecords } from './bare-directory.ts';
import { bareWireListing, bareWireReading } from './bare-wire.ts';
import { ingestorOver } from './ingestor.ts';
import { bareTransactions, loadFromNothing } from './load-measurements.ts';
import type { Measurement, MeasurementResults } from './measurement.ts';
import { measureChanges } from './source-changes.ts';
import { bareImport } from './sqlite-shell.ts';
import { openStore } from './store-access.ts';

/** Process of one measurement: receives an argument, sends a message. */
const measurement: Measurement = JSON.parse(process.argv[2] ?? '');
const result = await work(measurement);
process.send?.(result, () => process.exit(0));

async function work(measurement: Measurement): Promise<MeasurementResults[Measurement['kind']]> {
  // Landfall runs with its V8 flags, a ceiling with Node's defaults.
  if (!measurement.kind.startsWith('bare')) disablePretenuring();
  switch (measurement.kind) {
    case 'run':
      return await run(measurement);
    case 'changes':
      return { ...(await measureChanges(measurement)), peakMb: peakMb() };
    case 'bare listing':
      return await timed(async () => bareListing(measurement.root));
    case 'bare reading':
      return await timed(async () => bareReading(measurement.root));
    case 'bare records':
      return await timed(async () => bareRecords(measurement.root, measurement.extension));
    case 'load':
      return {
        ...(await timed(() => loadFromNothing(measurement.root, measurement.database))),
        peakMb: peakMb(),
      };
    case 'bare import':
      return await timed(() => bareImport(measurement.output, measurement.database));
    case 'bare transactions':
      return {
        ms: bareTransactions(measurement.root, measurement.database, measurement.changes, measurement.rounds),
      };
    case 'bare wire listing':
      return await timed(() => bareWireListing(measurement.access));
    case 'bare wire reading':
      return await timed(() => bareWireReading(measurement.access, measurement.concurrency));
  }
}

async function run({
  store,
  stateDir,
  profile,
  definition,
}: Measurement & { kind: 'run' }): Promise<MeasurementResults['run']> {
  const { ingestor } = ingestorOver(openStore(store), stateDir, definition);
  const { result: report, phases } = profile
    ? await profiled(() => ingestor.firstRun)
    : { result: await ingestor.firstRun, phases: undefined };
  await ingestor.stop();
  if (report.status === 'failed') throw new Error(report.error ?? 'failed');
  return { ms: report.duration_ms, report, phases, peakMb: peakMb() };
}

async function timed<T extends object>(work: () => Promise<T>): Promise<{ ms: number } & T> {
  const start = performance.now();
  const result = await work();
  return { ...result, ms: performance.now() - start };
}

/** Peak memory of this process. */
function peakMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
