import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';

/** What a run does, and what else takes its time. */
export const PHASES = ['list', 'fetch', 'parse', 'write', 'wait', 'collect garbage', 'other'] as const;
export type Phase = (typeof PHASES)[number];
/** Ms. */
export type TimeByPhase = Record<Phase, number>;

/** What a file is about. The innermost function of such a file tells what was being done. */
const FILES: readonly [RegExp, Phase][] = [
  [/\/(?:directory\/listing|s3\/listing|ingestor\/src\/scan)\/|\/source\/source-key\.ts$/, 'list'],
  [/\/ingestor\/src\/(?:parse|match)\/|\/aggregate\/aggregate\.ts$/, 'parse'],
  [
    /\/ingestor\/src\/(?:catalog|publish)\/|\/aggregate\/reconcile\.ts$|\/(?:bulk-insert|row-codec)\.ts$/,
    'write',
  ],
  [/\/object-store\/src\/(?:directory|s3)(?:\/|-store\.ts$)|\/ingestor\/src\/fetch\/|\/undici\//, 'fetch'],
];

/** Does `work` under the sampling profiler, which makes it some percent slower. */
export async function profiled<T>(work: () => Promise<T>): Promise<{ result: T; phases: TimeByPhase }> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  const result = await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return { result, phases: timeByPhase(profile) };
}

/** Gives each sample's time to the phase that was at work. */
export function timeByPhase({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): TimeByPhase {
  const time = Object.fromEntries(PHASES.map((phase) => [phase, 0])) as TimeByPhase;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  const phases = new Map<number, Phase>();
  const phaseOf = (id: number): Phase => {
    const known = phases.get(id);
    if (known) return known;
    const parent = parents.get(id);
    const phase = ownPhase(byId.get(id)) ?? (parent === undefined ? 'other' : phaseOf(parent));
    phases.set(id, phase);
    return phase;
  };
  for (const [i, id] of samples.entries()) time[phaseOf(id)] += (timeDeltas[i] ?? 0) / 1_000;
  return time;
}

function ownPhase(node: Profiler.ProfileNode | undefined): Phase | undefined {
  const { functionName, url } = node?.callFrame ?? { functionName: '', url: '' };
  if (functionName === '(idle)') return 'wait';
  if (functionName === '(garbage collector)') return 'collect garbage';
  return FILES.find(([files]) => files.test(url))?.[1];
}
