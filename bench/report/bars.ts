import { PHASES, type TimeByPhase } from './phases.ts';

const WIDTH = 40;

/** Draws a share as a bar of text, at most 100%. */
export function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * WIDTH);
  return '█'.repeat(full) + '·'.repeat(WIDTH - full);
}

/** Draws one line per phase that took any time. */
export function phaseBars(phases: TimeByPhase): string[] {
  const total = Object.values(phases).reduce((sum, ms) => sum + ms, 0);
  return PHASES.filter((phase) => phases[phase] / total >= 0.005).map(
    (phase) =>
      `  ${phase.padEnd(15)} ${bar(phases[phase] / total)} ${percent(phases[phase] / total)}  ${seconds(phases[phase])}`,
  );
}

export const percent = (share: number): string => `${Math.round(share * 100)}%`.padStart(4);
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`.padStart(9);
