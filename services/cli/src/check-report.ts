import type { CheckResult } from './check-folder.ts';

/** Returns the result of a check, for people. */
export function checkReport(result: CheckResult): string {
  const { records, rows, companions, orphans, others, passedOver, rejects, sample } = result;
  const lines = [
    `${counted(records, 'record makes', 'records make')} ${counted(rows, 'row', 'rows')}; ` +
      `${counted(rejects.length, 'file is', 'files are')} rejected.`,
  ];
  if (companions > 0) {
    lines.push(
      `${counted(companions, 'companion file', 'companion files')}, ${orphans} of them without a record.`,
    );
  }
  if (others.count > 0) {
    const match = counted(others.count, 'other file matches', 'other files match');
    lines.push(`${match} no pattern, such as ${others.examples.join(', ')}.`);
  }
  if (passedOver > 0) {
    lines.push(
      `${counted(passedOver, 'file is', 'files are')} passed over: tools keep such files for themselves.`,
    );
  }
  const byReason = Map.groupBy(rejects, ({ reason }) => reason);
  if (byReason.size > 0) lines.push('', 'Rejects, with the first file of each reason:');
  for (const [reason, all] of byReason) {
    const [first] = all;
    lines.push(`  ${reason}: ${all.length}, such as ${first?.key}: ${first?.detail}`);
  }
  if (sample) lines.push('', 'The first row:', `  ${sample.header.trimEnd()}`, `  ${sample.line.trimEnd()}`);
  return `${lines.join('\n')}\n`;
}

const counted = (count: number, one: string, several: string): string =>
  `${count} ${count === 1 ? one : several}`;
