import { ingestorOptions } from '@landfall/ingestor/config';
import type { IngestorDeps } from '@landfall/ingestor/leader/ingestor-deps';
import { showProgress } from '@landfall/ingestor/run/progress-bar';
import { type Ingestor, startIngestor } from '@landfall/ingestor/start';
import type { Query } from '@landfall/query/start';
import type { readConfig } from './config.ts';
import type { StandalonePorts } from './ports.ts';
import { seedDemo } from './seed-demo.ts';
import { welcome } from './welcome.ts';

/** Dependencies of ingestion. */
export interface IngestionDeps
  extends Pick<IngestorDeps, 'store' | 'bus' | 'log' | 'clock' | 'stateLock' | 'metrics' | 'tracer'> {
  config: ReturnType<typeof readConfig>;
  ports: Pick<StandalonePorts, 'sourceFolder' | 'enableNotifications'>;
  query: Query;
}

/** The ingesting half of a standalone Landfall. */
export interface Ingestion {
  /** Resolves when the first data set is served and the welcome is printed, or when it was stopped. */
  begun: Promise<void>;
  /** Stops it, also during the start. */
  stop: () => Promise<void>;
}

/** Adds the demo data, watches the source bucket, runs the first ingestion, and prints the welcome. */
export function beginIngestion({ config, ports, query, ...parts }: IngestionDeps): Ingestion {
  const { store, bus, log } = parts;
  let ingestor: Ingestor | undefined;
  let hideProgress = (): void => undefined;
  let isStopping = false;

  async function begin(): Promise<void> {
    const seeded = await seedDemo(config, store, query.manifest() !== undefined, log);
    if (isStopping) return;
    await ports
      .enableNotifications()
      .catch((err) => log.warn({ err }, 'the source bucket cannot be watched'));
    if (isStopping) return;
    hideProgress = showProgress(bus, process.stderr);
    ingestor = startIngestor({ definition: config.definition, ...parts, ...ingestorOptions(config) });
    const report = await ingestor.firstRun;
    if (isStopping) return;
    await query.syncNow().catch((err) => log.warn({ err }, 'what is published could not be loaded'));
    const { definition } = config;
    process.stdout.write(welcome({ query, definition, seeded, report, sourceFolder: ports.sourceFolder }));
  }

  return {
    begun: begin(),
    async stop() {
      isStopping = true;
      await ingestor?.stop();
      hideProgress();
    },
  };
}
