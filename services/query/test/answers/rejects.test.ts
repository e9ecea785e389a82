import { rejectReasons } from '@landfall/contracts/dataset/reject';
import { formatReject } from '@landfall/contracts/dataset/reject-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import fc from 'fast-check';
import t from 'tap';
import { SCAN_LIMITS } from '../../src/search/scan-limits.ts';
import { rejectsNamed, type UserReject } from '../support/_generation.ts';
import { textOf } from '../support/_serialized.ts';
import { makeService } from '../support/_service.ts';
import { makeTable, SCAN_LIMIT_CASES } from '../support/_table.ts';

const text = fc
  .array(
    fc.constantFrom(...['"', ',', '\n', '\r', '\0', '\\', 'a', 'Z', '漢', '\ufffd', '😀', '\u{10ffff}']),
    {
      maxLength: 5,
    },
  )
  .map((parts) => parts.join(''));
const reject = (key: string): fc.Arbitrary<UserReject> =>
  fc.record({
    key: fc.constant(key),
    user_id: fc.constantFrom('x', 'y"'),
    reason: fc.constantFrom(...rejectReasons(USERS).slice(0, 2)),
    detail: text,
    since: fc.constantFrom('2026-06-01T00:00:00.000Z', '2026-06-02T00:00:00.000Z'),
    kept_previous: fc.boolean(),
  });
const KEYS = ['', '0', 'A,.csv', 'Z', 'a', 'a/b.csv', 'é', '漢', '\ufffd', '😀'].toSorted(compareBytes);
/** Rejects in byte order of their keys. Most of them are the same in all generations. */
const rejects: fc.Arbitrary<UserReject[]> = fc
  .tuple(...KEYS.map((key) => fc.option(fc.oneof(fc.constant(plain(key)), reject(key)))))
  .map((each) => each.filter((one) => one !== null));

function plain(key: string): UserReject {
  const [made] = rejectsNamed('', 1);
  if (!made) throw new Error('rejectsNamed returned no reject');
  return { ...made, key };
}

t.test('every kept generation has the rejects it was published with', async (t) => {
  const step = fc.record({
    rejects,
    keep: fc.integer({ min: 1, max: 4 }),
    limit: fc.integer({ min: 1, max: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(...SCAN_LIMIT_CASES),
      async (steps, scanLimits) => {
        const table = makeTable(scanLimits);
        try {
          const read = async (generation: number, as: 'json' | 'csv', limit: number) => {
            const at = table.dataSet.generations.byNumber(generation);
            return textOf(await Array.fromAsync(table.dataSet.rejects(at, as, limit)));
          };
          for (const [i, { rejects, keep, limit }] of steps.entries()) {
            await table.load(i + 1, [], rejects);
            const oldest = Math.max(1, i + 2 - keep);
            table.prune(oldest);
            for (const { generation } of table.dataSet.generations.all()) {
              const expected = steps[generation - 1]?.rejects ?? [];
              const json = expected.map((each) => JSON.stringify(each));
              t.equal(await read(generation, 'json', Number.POSITIVE_INFINITY), json.join());
              t.equal(await read(generation, 'json', limit), json.slice(0, limit).join());
              const lines = expected.map((each) => formatReject({ ...each, id: each.user_id })).join('');
              t.equal(await read(generation, 'csv', Number.POSITIVE_INFINITY), lines.slice(0, -1));
            }
          }
          const last = steps.length;
          table.prune(last);
          t.equal(table.count('__rejects'), steps.at(-1)?.rejects.length, 'older versions are deleted');
        } finally {
          await table.close();
        }
      },
    ),
    { numRuns: 25 },
  );
});

t.test('unchanged rejects are not written again', async (t) => {
  const table = makeTable(SCAN_LIMITS);
  t.teardown(table.close);
  const many = rejectsNamed('one', 12_000);
  await table.load(1, [], many);
  await table.load(2, [], many);
  t.equal(table.count('__rejects'), many.length);
  await table.load(3, [], rejectsNamed('three', many.length));
  t.equal(table.count('__rejects'), 2 * many.length);
  table.prune(3);
  t.equal(table.count('__rejects'), many.length, 'all older versions are deleted, in steps');
});

t.test('/rejects returns all rejects, or `limit` of them', async (t) => {
  const { ask, publish } = await makeService(t);
  const all = rejectsNamed('x', 2_500);
  await publish(1, [], all);
  t.same((await ask('/rejects')).json, all);
  t.same((await ask('/rejects?limit=1100')).json, all.slice(0, 1_100));
  t.match((await ask('/rejects?format=csv&limit=2')).text.split('\n').length, 4);
  await publish(2, []);
  t.equal((await ask('/rejects')).text, '[]');
  t.match((await ask('/rejects?limit=3&format=csv')).text, /^key,[^\n]*\n$/);
});
