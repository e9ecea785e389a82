import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { USERS } from '@landfall/contracts/dataset/users';
import { parameterApiNames } from '@landfall/contracts/definition/api-names';
import { openStateFile } from '@landfall/state-file/state-file';
import t from 'tap';
import { Type } from 'typebox';
import { asFiles, makeGeneration, usersNamed } from '../../../test/support/_generation.ts';
import { databaseLayout } from '../../database/schema.ts';
import { predicateSql, predicatesOf } from '../../filter/predicates.ts';
import { importGeneration } from '../../load/import-generation.ts';
import { rollupFilterOf } from '../../statistics/rollup/rollup-filter.ts';
import { filterParameters } from './filter-parameters.ts';
import { compileQueryParser } from './query-string.ts';
import { readFilter } from './read-filter.ts';

const NOON = Date.UTC(2026, 5, 1, 12);

t.test('contradictory bounds are an error that names both parameters', async (t) => {
  t.throws(() => readFilter(USERS, { min_age: 5, max_age: 4 }, NOON), {
    code: 'bad_parameter',
    more: { parameters: ['min_age', 'max_age'] },
  });
  t.throws(() => readFilter(USERS, { born_after: '2000-01-01', born_before: '2000-01-01' }, NOON), {
    code: 'bad_parameter',
    more: { parameters: ['born_after', 'born_before'] },
  });
  t.equal(readFilter(USERS, { min_age: 5, max_age: 5 }, NOON).dependsOnDay, true);
});

t.test('every decimal whose scaled value is a safe integer can be asked for', async (t) => {
  for (const [scale, most, above] of [
    [0, '9007199254740991', '9007199254740992'],
    [2, '90071992547409.91', '90071992547409.92'],
    [9, '9007199.254740991', '9007199.254740992'],
  ] as const) {
    const fields = [{ name: 'v', type: 'decimal', scale }] as const;
    const definition: Definition = { ...USERS, fields, derived: [], statistics: [] };
    const parse = compileQueryParser(Type.Object(filterParameters(definition)));
    const read = (v: string) => readFilter(definition, parse({ v }), NOON).fields.get('v');
    t.same(read(most), [['=', Number.MAX_SAFE_INTEGER]]);
    t.same(read(`-${most}`), [['=', Number.MIN_SAFE_INTEGER]]);
    for (const text of [above, `-${above}`, '9'.repeat(400)]) {
      const message = new RegExp(`^v is .*, but must be a number from -${most} to ${most}$`);
      t.throws(() => read(text), { code: 'bad_parameter', message, more: { parameters: ['v'] } }, text);
    }
  }
});

t.test('only ages make a response depend on the day', async (t) => {
  t.equal(readFilter(USERS, { is_image_exists: true, born_after: '2000-01-01' }, NOON).dependsOnDay, false);
  t.equal(readFilter(USERS, { max_age: 150 }, NOON).dependsOnDay, true);
});

t.test('ages and days become bounds of the timestamp, and the narrower one applies', async (t) => {
  const day = (iso: string) => Date.parse(iso) / 86_400_000;
  t.match(rollupFilterOf(USERS, readFilter(USERS, { min_age: 18, max_age: 20 }, NOON)), {
    from: day('2005-06-02'),
    before: day('2008-06-02'),
  });
  t.match(
    rollupFilterOf(
      USERS,
      readFilter(
        USERS,
        { born_after: '2005-06-02', born_before: '2008-06-01', min_age: 18, max_age: 20 },
        NOON,
      ),
    ),
    {
      from: day('2005-06-03'),
      before: day('2008-06-01'),
    },
  );
});

t.test('an index can serve every condition', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-filters-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  const db = openStateFile(path.join(folder, 'db.sqlite'), databaseLayout(USERS), () => undefined);
  t.teardown(() => db.close());
  await importGeneration(db, USERS, asFiles(folder, makeGeneration(1, usersNamed('x', 10))));
  const plan = (query: Parameters<typeof readFilter>[1], by: 'index' | 'test') => {
    const { sql, values } = predicateSql(predicatesOf(USERS, readFilter(USERS, query, NOON)), by);
    const steps = db.prepare<(string | number | null)[], { detail: string }>(
      `EXPLAIN QUERY PLAN SELECT __quoted_csv FROM __rows WHERE ${sql}`,
    );
    return steps
      .all(...values)
      .map(({ detail }) => detail)
      .join('; ');
  };
  const cases: [Parameters<typeof readFilter>[1], RegExp][] = [
    [{ min_age: 30, max_age: 40 }, /__rows_by_birthts \(birthts>\? AND birthts<\?\)/],
    [{ first_name: 'Ada' }, /__rows_by_first_name \(first_name=\?\)/],
    [{ last_name: 'Lo*' }, /__rows_by_last_name \(last_name>\? AND last_name<\?\)/],
    [{ is_image_exists: false }, /__rows_by_img_path \(img_path=\?\)/],
    [{ user_id: ['1', '2'] }, /PRIMARY KEY \(user_id=\?\)/],
  ];
  for (const [query, index] of cases) {
    const what = JSON.stringify(query);
    t.match(plan(query, 'index'), new RegExp(`SEARCH __rows USING .*${index.source}`), what);
    t.notMatch(plan(query, 'test'), /SEARCH/, `${what}, as a test`);
  }
});

t.test('the names that a definition is checked for are those of the query parameters', async (t) => {
  const fields: Definition['fields'] = [
    { name: 'a', type: 'string', optional: true },
    { name: 'b', type: 'enum', values: ['x'] },
    { name: 'c', type: 'boolean' },
    { name: 'd', type: 'integer', optional: true },
    { name: 'e', type: 'decimal', scale: 2 },
    { name: 'f', type: 'date', optional: true },
    { name: 'g', type: 'timestamp', unit: 's', asked_as: 'h' },
  ];
  const derived = [{ name: 'years', years_since: 'g', maximum: 9 }];
  for (const definition of [USERS, { ...USERS, fields, derived, statistics: [] }]) {
    t.same(
      parameterApiNames(definition)
        .map(({ name }) => name)
        .sort(),
      Object.keys(filterParameters(definition)).sort(),
    );
  }
});
