import { bar, percent, phaseBars } from './bars.ts';
import type { TimeByPhase } from './phases.ts';

/** What was asked for, and what came of it. */
export interface Claim {
  /** What `share` is of. */
  of: string;
  /** Measured against a ceiling of the same run; 1 is all of it. */
  share: number;
  atLeast?: number;
  atMost?: number;
}

/** One question of a benchmark, answered. */
export interface Figure {
  title: string;
  claims: Claim[];
  /** The measurements behind them, in words. */
  lines: string[];
  phases?: TimeByPhase | undefined;
}

export const isMet = ({ share, atLeast = 0, atMost = Number.POSITIVE_INFINITY }: Claim): boolean =>
  share >= atLeast && share <= atMost;

/** A figure as lines of text. */
export function figureText({ title, claims, lines, phases }: Figure): string {
  return [
    title,
    ...claims.map((claim) => `  ${bar(claim.share)} ${percent(claim.share)} of ${claim.of}${verdict(claim)}`),
    ...lines.map((line) => `  ${line}`),
    ...(phases ? ['', ...phaseBars(phases)] : []),
    '',
  ].join('\n');
}

function verdict(claim: Claim): string {
  const { atLeast, atMost } = claim;
  const bounds = [
    ...(atLeast === undefined ? [] : [`at least ${percent(atLeast).trim()}`]),
    ...(atMost === undefined ? [] : [`at most ${percent(atMost).trim()}`]),
  ];
  return bounds.length === 0 ? '' : ` (${bounds.join(', ')}: ${isMet(claim) ? 'met' : 'missed'})`;
}
