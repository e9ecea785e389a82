import type { CheckResult } from './check-folder.ts';

/** Returns the result of a check, for people. */
export function checkReport(result: CheckResult): string {
  const { records, rows, companions, orphans, others, passedOver, rejects, sample } = result;
  const lines = [`${records} records make ${rows} rows; ${rejects.length} files are rejected.`];
  if (companions > 0) lines.push(`${companions} companion files, ${orphans} of them without a record.`);
  if (others.count > 0) {
    lines.push(`${others.count} other files match no pattern, such as ${others.examples.join(', ')}.`);
  }
  if (passedOver > 0) lines.push(`${passedOver} files are passed over: tools keep them for themselves.`);
  const byReason = Map.groupBy(rejects, ({ reason }) => reason);
  if (byReason.size > 0) lines.push('', 'Rejects, with the first file of each reason:');
  for (const [reason, all] of byReason) {
    const [first] = all;
    lines.push(`  ${reason}: ${all.length}, as ${first?.key}: ${first?.detail}`);
  }
  if (sample) lines.push('', 'The first row:', `  ${sample.header.trimEnd()}`, `  ${sample.line.trimEnd()}`);
  return `${lines.join('\n')}\n`;
}
