import { disablePretenuring } from '@landfall/process/v8-flags';
import { profiled } from '../report/phases.ts';
import { bareListing, bareReading } from './bare-directory.ts';
import { bareWireListing, bareWireReading } from './bare-wire.ts';
import { ingestorOver } from './ingestor.ts';
import type { Leg, LegResults } from './leg.ts';
import { bareTransactions, loadFromNothing } from './load-legs.ts';
import { measureChanges } from './source-changes.ts';
import { bareImport } from './sqlite-shell.ts';
import { openStore } from './store-access.ts';

/** Process of one measurement: receives an argument, sends a message. */
const leg: Leg = JSON.parse(process.argv[2] ?? '');
const result = await work(leg);
process.send?.(result, () => process.exit(0));

async function work(leg: Leg): Promise<LegResults[Leg['leg']]> {
  // Landfall runs with its V8 flags, a ceiling with Node's defaults.
  if (!leg.leg.startsWith('bare')) disablePretenuring();
  switch (leg.leg) {
    case 'run':
      return await run(leg);
    case 'changes':
      return { ...(await measureChanges(leg)), peakMb: peakMb() };
    case 'bare listing':
      return await timed(async () => bareListing(leg.root));
    case 'bare reading':
      return await timed(async () => bareReading(leg.root));
    case 'load':
      return { ...(await timed(() => loadFromNothing(leg.root, leg.database))), peakMb: peakMb() };
    case 'bare import':
      return await timed(() => bareImport(leg.output, leg.database));
    case 'bare transactions':
      return { ms: bareTransactions(leg.root, leg.database, leg.changes, leg.rounds) };
    case 'bare wire listing':
      return await timed(() => bareWireListing(leg.access));
    case 'bare wire reading':
      return await timed(() => bareWireReading(leg.access, leg.concurrency));
  }
}

async function run({ store, stateDir, profile }: Leg & { leg: 'run' }): Promise<LegResults['run']> {
  const { ingestor } = ingestorOver(openStore(store), stateDir);
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
