import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { RunReport } from '@landfall/contracts/messages/run';
import type { S3Access } from '@landfall/object-store/s3-store';
import type { TimeByPhase } from '../report/phases.ts';
import type { Seen } from './bare-directory.ts';
import type { Changed, Changes } from './source-changes.ts';
import type { StoreAccess } from './store-access.ts';

/** A measurement in a process of its own, so that measurements do not share warm code or memory. */
export type Measurement =
  | { kind: 'run'; store: StoreAccess; stateDir: string; profile: boolean; definition?: Definition }
  | ({ kind: 'changes' } & Changes)
  | { kind: 'bare listing' | 'bare reading'; root: string }
  | { kind: 'bare records'; root: string; extension: '.json' | '.csv' }
  | { kind: 'load'; root: string; database: string }
  | { kind: 'bare import'; output: string; database: string }
  | { kind: 'bare transactions'; root: string; database: string; changes: number; rounds: number }
  | { kind: 'bare wire listing' | 'bare wire reading'; access: S3Access; concurrency: number };

/** Results; `ms` is the measured time without the start of the process. */
export interface MeasurementResults {
  run: { ms: number; report: RunReport; phases: TimeByPhase | undefined; peakMb: number };
  changes: Changed & { peakMb: number };
  'bare listing': { ms: number } & Seen;
  'bare reading': { ms: number } & Seen;
  'bare records': { ms: number } & Seen;
  load: { ms: number; peakMb: number };
  'bare import': { ms: number };
  'bare transactions': { ms: number[] };
  'bare wire listing': { ms: number } & Seen;
  'bare wire reading': { ms: number } & Seen;
}

const PROCESS = fileURLToPath(new URL('./measurement-process.ts', import.meta.url));

/** Runs a measurement. @throws Error when the process ends without a result */
export async function measure<L extends Measurement>(measurement: L): Promise<MeasurementResults[L['kind']]> {
  const child = fork(PROCESS, [JSON.stringify(measurement)], { serialization: 'advanced' });
  let result: MeasurementResults[L['kind']] | undefined;
  child.on('message', (message: MeasurementResults[L['kind']]) => {
    result = message;
  });
  const [code] = await once(child, 'exit');
  if (result === undefined) throw new Error(`${measurement.kind}: ended with ${code}, and no result`);
  return result;
}
