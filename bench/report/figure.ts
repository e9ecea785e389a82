import { bar, percent, phaseBars } from './bars.ts';
import type { TimeByPhase } from './phases.ts';

/** A target and its result. */
export interface Claim {
  /** The reference of `share`. */
  of: string;
  /** The result as a share of a ceiling in the same run; 1 equals the ceiling. */
  share: number;
  atLeast?: number;
  atMost?: number;
}

/** One figure of a benchmark. */
export interface Figure {
  title: string;
  claims: Claim[];
  /** The measurements, as text. */
  lines: string[];
  phases?: TimeByPhase | undefined;
}

export const isMet = ({ share, atLeast = 0, atMost = Number.POSITIVE_INFINITY }: Claim): boolean =>
  share >= atLeast && share <= atMost;

/** Formats a figure as text. */
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
