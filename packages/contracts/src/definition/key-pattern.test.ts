import fc from 'fast-check';
import t from 'tap';
import { isAnywhere, keyMatcher, keyPatternOf, parseKeyPattern } from './key-pattern.ts';
import { isCovered } from './pattern-coverage.ts';

t.test('a key matches by its segments, its id and its extension', async (t) => {
  const cases: [pattern: string, key: string, id: string | undefined, preference?: number][] = [
    ['**/{id}.csv', 'a.csv', 'a'],
    ['**/{id}.csv', 'x/y/a.b.CSV', 'a.b'],
    ['**/{id}.csv', '.csv', undefined],
    ['**/{id}.csv', 'x/.csv', undefined],
    ['**/{id}.csv', 'a.csv/b', undefined],
    ['{id}.csv', 'a.csv', 'a'],
    ['{id}.csv', 'x/a.csv', undefined],
    ['documents/{id}/result.json', 'documents/7/result.json', '7'],
    ['documents/{id}/result.json', 'documents/7/result.JSON', '7'],
    ['documents/{id}/result.json', 'documents/7/Result.json', undefined],
    ['documents/{id}/result.json', 'documents/7/x/result.json', undefined],
    ['documents/{id}/result.json', 'documents//result.json', undefined],
    ['**/documents/{id}/*.pdf', 'a/b/documents/7/scan.pdf', '7'],
    ['**/documents/{id}/*.pdf', 'a/b/documents/7/.pdf', '7'],
    ['scan-{id}_v1.csv', 'scan-7_v1.csv', '7'],
    ['scan-{id}_v1.csv', 'scan-_v1.csv', undefined],
    ['a/**/{id}.csv', 'a/7.csv', '7'],
    ['a/**/{id}.csv', 'a/b/c/7.csv', '7'],
    ['a/**/{id}.csv', 'b/7.csv', undefined],
    ['**/{id}.{png,jpg}', 'x/7.JPG', '7', 1],
    ['**/{id}.{png,jpg}', 'x/7.png', '7', 0],
    ['x(+)/{id}.csv', 'x(+)/a\nb.csv', 'a\nb'],
  ];
  for (const [pattern, key, id, preference = 0] of cases) {
    const expected = id === undefined ? undefined : { id, preference };
    t.same(keyMatcher(keyPatternOf(pattern))(key), expected, `${pattern} ${JSON.stringify(key)}`);
  }
});

t.test('many wildcards in a segment take no long time on a long key', async (t) => {
  const pattern = `run${'_*'.repeat(20)}/{id}.csv`;
  const match = keyMatcher(keyPatternOf(pattern));
  // With backtracking, the test would not end.
  t.equal(match(`run${'_'.repeat(1_000)}/x.txt`), undefined);
  t.equal(match(`run${'_'.repeat(19)}/x.csv`), undefined);
  t.same(match(`run${'_'.repeat(1_000)}/x.csv`), { id: 'x', preference: 0 });
});

t.test('what is not a pattern is refused with a reason', async (t) => {
  for (const [pattern, problem] of [
    ['{id}', /extension/],
    ['{id}.CSV', /extension/],
    ['{id}.{csv,csv}', /twice/],
    ['x.csv', /no name in braces/],
    ['{a}/{b}.csv', /more than one/],
    ['{A}.csv', /\{A\}, which is not a name/],
    ['/{id}.csv', /slash/],
    ['a**/{id}.csv', /inside of a segment/],
    ['{id}-*.csv', /one segment/],
    ['**/**/**/{id}.csv', /more than 2 times/],
    ['{id.csv', /wrong place/],
  ] as const) {
    t.match(parseKeyPattern(pattern, true), { problem }, pattern);
  }
  for (const [pattern, suggestion] of [
    ['**/{id}/scan.{png}', '**/{id}/scan.png'],
    ['{id}.{JPG, .png}', '{id}.{jpg,png}'],
    ['{id}.CSV', '{id}.csv'],
    ['scan.{id}', undefined],
    ['{id}', undefined],
  ] as const) {
    t.match(parseKeyPattern(pattern, true), { problem: /extension/, suggestion }, pattern);
  }
  t.match(parseKeyPattern('{id}.{png}', true), { problem: /braces around one extension/ });
  t.match(parseKeyPattern('{id}.{csv,json}', false), { problem: /list/ });
  t.equal(isAnywhere(keyPatternOf('**/{id}.{png,jpg}')), true);
  t.equal(isAnywhere(keyPatternOf('a/**/{id}.csv')), false);
});

t.test('a pattern is covered when every key that it matches matches another one', async (t) => {
  const covered = (pattern: string, ...others: string[]) =>
    isCovered(keyPatternOf(pattern), others.map(keyPatternOf));
  for (const [pattern, others, expected] of [
    ['{id}.csv', ['**/{id}.csv'], true],
    ['**/{id}.csv', ['{id}.csv'], false],
    ['a/{id}.csv', ['*/{id}.csv'], true],
    ['a/b/{id}.csv', ['*/{id}.csv'], false],
    ['**/{id}.{png,jpg}', ['**/{id}.png'], false],
    ['**/{id}.{png,jpg}', ['**/{id}.png', '**/{id}.jpg'], true],
    ['x-{id}.csv', ['{id}.csv'], true],
    ['{id}.csv', ['x-{id}.csv'], false],
    ['documents/{id}/scan.pdf', ['documents/{id}/*.pdf'], true],
    ['documents/{id}/*.pdf', ['documents/{id}/scan.pdf'], false],
    ['a/**/{id}.csv', ['**/{id}.csv'], true],
    ['**/{id}.csv', ['{id}.csv', '*/{id}.csv'], false],
  ] as const) {
    t.equal(covered(pattern, ...others), expected, `${pattern} by ${others.join()}`);
  }
});

/** Patterns and keys over few characters, so that they often match. */
const literal = fc.constantFrom('a', 'b', 'a/', 'b/', '.');
const pattern = fc
  .tuple(
    fc.array(fc.oneof(literal, fc.constantFrom('*/', '**/', '*a/', '*a*/', 'a*b*', '*a**ba*b/')), {
      maxLength: 3,
    }),
    fc.array(literal, { maxLength: 2 }),
    fc.constantFrom('.csv', '.x', '.{x,csv}'),
  )
  .map(([before, after, extension]) => `${before.join('')}{id}${after.join('')}${extension}`)
  .filter((text) => !('problem' in parseKeyPattern(text, true)));
const key = fc
  .tuple(
    fc.array(fc.constantFrom('a', 'b', '/', '.', 'c', 'csv'), { maxLength: 7 }),
    fc.constantFrom('.csv', '.x', '.CSV'),
  )
  .map(([parts, extension]) => parts.join('') + extension);

/** Whether a key matches, by trying every way to cut it: an implementation without regular expressions. */
function naiveMatch(pattern: string, key: string): boolean {
  const [, path = '', list, single] = /^(.*)\.(?:\{(.*)\}|(\w+))$/.exec(pattern) ?? [];
  const extension = (list ?? single ?? '').split(',').find((each) => key.toLowerCase().endsWith(`.${each}`));
  return extension !== undefined && fits(path, key.slice(0, -extension.length - 1));
}

function fits(path: string, text: string): boolean {
  if (path === '') return text === '';
  const cuts = Array.from({ length: text.length + 1 }, (_, i) => i);
  if (path.startsWith('**/')) {
    return cuts.some((at) => (at === 0 || text[at - 1] === '/') && fits(path.slice(3), text.slice(at)));
  }
  if (path.startsWith('{id}')) {
    return cuts.some(
      (at) => at > 0 && !text.slice(0, at).includes('/') && fits(path.slice(4), text.slice(at)),
    );
  }
  if (path.startsWith('*')) {
    return cuts.some((at) => !text.slice(0, at).includes('/') && fits(path.slice(1), text.slice(at)));
  }
  return text[0] === path[0] && fits(path.slice(1), text.slice(1));
}

t.test('matching and coverage agree with a naive implementation', async (t) => {
  let [matches, coverages] = [0, 0];
  fc.assert(
    fc.property(pattern, pattern, fc.array(key, { minLength: 5, maxLength: 20 }), (first, second, keys) => {
      const [one, two] = [keyPatternOf(first), keyPatternOf(second)];
      const isFirstCovered = isCovered(one, [two]);
      if (isFirstCovered) coverages++;
      for (const each of keys) {
        const isMatch = keyMatcher(one)(each) !== undefined;
        t.equal(isMatch, naiveMatch(first, each), `${first} ${each}`);
        if (isMatch) matches++;
        if (isMatch && isFirstCovered)
          t.ok(naiveMatch(second, each), `${second} covers ${first}, so ${each}`);
      }
    }),
    // The first pair matches and covers for certain: what the others do is left to chance.
    { numRuns: 400, examples: [['a/{id}.csv', '**/{id}.csv', ['a/b.csv', 'b/a/b.csv']]] },
  );
  t.ok(matches > 0, `${matches} matches`);
  t.ok(coverages > 0, `${coverages} coverages`);
});
