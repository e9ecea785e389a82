import { bar } from '../report/bars.ts';

/** Result of one program. */
export interface Measured {
  name: string;
  /** Undefined when it could not be measured; `detail` has the reason. */
  value: number | undefined;
  detail: string;
}

/** One figure for all programs. */
export interface Comparison {
  title: string;
  unit: string;
  better: 'more' | 'less';
  /** Landfall first. */
  ours: Measured;
  others: Measured[];
}

/** Smaller differences are noise. */
const LEVEL = 1.05;

/** Formats a comparison as text. The longest bar is the best. */
export function comparisonText(comparison: Comparison): string {
  const { title, unit, ours, others } = comparison;
  const all = [ours, ...others];
  const width = Math.max(...all.map(({ name }) => name.length));
  const lines = all.map((each) => {
    const verdict = each === ours ? '' : sentence(comparison, each);
    const words = [valueText(each.value).padStart(8), each.detail, verdict].filter((word) => word !== '');
    return `  ${each.name.padEnd(width)} ${bar(shareOfBest(comparison, each))} ${words.join('; ')}`;
  });
  return [`${title}, ${unit}`, ...lines, ''].join('\n');
}

/** Formats all comparisons as a Markdown table. */
export function tableText(comparisons: readonly Comparison[]): string {
  const [first] = comparisons;
  if (!first) return '';
  const names = ['', first.ours.name, ...first.others.map(({ name }) => name)];
  const rows = comparisons.map((comparison) => [
    `${comparison.title}, ${comparison.unit}`,
    valueText(comparison.ours.value),
    ...comparison.others.map((each) =>
      [valueText(each.value), short(comparison, each)].filter(Boolean).join(', '),
    ),
  ]);
  return [names, names.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function shareOfBest({ better, ours, others }: Comparison, { value }: Measured): number {
  const values = [ours, ...others].flatMap((each) => each.value ?? []);
  if (value === undefined) return 0;
  return better === 'more' ? value / Math.max(...values) : Math.min(...values) / value;
}

/** Returns the ratio of Landfall to another program; undefined when one value is missing or zero. */
export function timesAhead({ better, ours }: Comparison, { value }: Measured): number | undefined {
  if (!value || !ours.value) return undefined;
  return better === 'more' ? ours.value / value : value / ours.value;
}

function sentence(comparison: Comparison, other: Measured): string {
  const times = timesAhead(comparison, other);
  if (times === undefined) return '';
  const { name } = comparison.ours;
  if (times >= LEVEL) return `${name} is ${valueText(times)} × ahead`;
  return times > 1 / LEVEL ? `${name} is level` : `${name} is BEHIND by ${valueText(1 / times)} ×`;
}

function short(comparison: Comparison, other: Measured): string {
  const times = timesAhead(comparison, other);
  if (times === undefined) return '';
  if (times >= LEVEL) return `${valueText(times)} × ahead`;
  return times > 1 / LEVEL ? 'level' : `**${valueText(1 / times)} × behind**`;
}

function valueText(value: number | undefined): string {
  if (value === undefined) return '–';
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
