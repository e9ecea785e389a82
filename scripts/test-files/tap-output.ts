/** The failed assertions of a TAP stream, each with the diagnostics below it. */
export function failuresOf(tap: string): string {
  const lines: string[] = [];
  let isFailure = false;
  for (const line of tap.split('\n')) {
    if (/^ *(?:not )?ok\b/.test(line))
      isFailure = line.trimStart().startsWith('not ok') && !/# TODO/i.test(line);
    if (isFailure) lines.push(line);
    if (/^ *\.\.\.$/.test(line)) isFailure = false;
  }
  return lines.join('\n');
}

/** Comments of tests, such as figures, without tap's own. */
export const commentsOf = (tap: string): string[] =>
  Array.from(tap.matchAll(/^ *# (?!Subtest|time=|\{|No coverage)(.+)$/gm), ([, said = '']) => said);

/** Counts the assertions of a TAP stream, and skipped tests by reason. */
export function countResults(tap: string) {
  const counts = { passed: 0, failed: 0, skipped: new Map<string, number>() };
  for (const line of tap.split('\n')) {
    const [, not, rest = ''] = /^ *(not )?ok\b(.*)$/.exec(line) ?? [];
    const reason = / # SKIP(?: (.*))?$/i.exec(rest);
    if (reason) counts.skipped.set(reason[1] ?? '', (counts.skipped.get(reason[1] ?? '') ?? 0) + 1);
    else if (rest !== '' && !rest.endsWith('{') && !/ # time=/.test(rest))
      counts[not ? 'failed' : 'passed']++;
  }
  return counts;
}
