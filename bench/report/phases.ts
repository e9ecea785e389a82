import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';

/** Phases of a run, and what else takes time. */
export const PHASES = ['list', 'fetch', 'parse', 'write', 'wait', 'collect garbage', 'other'] as const;
export type Phase = (typeof PHASES)[number];
/** Ms. */
export type TimeByPhase = Record<Phase, number>;

/** Phases by file. A sample belongs to the phase of its innermost function in one of these files. */
export const PHASE_FILES: readonly [RegExp, Phase][] = [
  [/\/(?:directory\/listing|s3\/listing|ingestor\/src\/scan)\/|\/source\/source-key\.ts$/, 'list'],
  [/\/ingestor\/src\/(?:parse|match)\/|\/aggregate\/aggregate\.ts$/, 'parse'],
  [
    /\/ingestor\/src\/(?:catalog|publish)\/|\/aggregate\/reconcile\.ts$|\/(?:bulk-insert|row-codec)\.ts$/,
    'write',
  ],
  [/\/object-store\/src\/(?:directory|s3)(?:\/|-store\.ts$)|\/ingestor\/src\/fetch\/|\/undici\//, 'fetch'],
];

/** Runs `work` under the sampling profiler, which slows it by some percent. */
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

/** Sums the time of the samples by phase. */
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
  return PHASE_FILES.find(([files]) => files.test(url))?.[1];
}
