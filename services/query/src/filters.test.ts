import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { User } from '@landfall/contracts/user';
import { openStateFile, type StateFile } from '@landfall/state-file/state-file';
import fc from 'fast-check';
import t from 'tap';
import { naiveAge } from '../../../packages/contracts/src/_naive-age.ts';
import { asFiles, makeGeneration } from '../test/_generation.ts';
import { openDataSet } from './data-set.ts';
import { DATABASE_LAYOUT } from './database-layout.ts';
import { readFilter, whereUsers } from './filters.ts';
import { takeOver } from './load/take-over.ts';

const DAY = 86_400_000;
const NOWS = [
  '2026-11-24T12:00:00.000Z',
  '2024-02-29T00:00:00.000Z',
  '2023-02-28T23:59:59.999Z',
  '2025-03-01T00:00:00.000Z',
];

/** Births at which answers change: around each birthday of each clock, around 29 February and around 1970. */
function edgyBirths(): number[] {
  const births = [0, -1, 1, -DAY, DAY - 1];
  for (const now of NOWS.map(Date.parse)) {
    const { year, month, day } = {
      year: new Date(now).getUTCFullYear(),
      month: new Date(now).getUTCMonth(),
      day: new Date(now).getUTCDate(),
    };
    for (const age of [0, 1, 4, 17, 18, 30, 56, 57, 100]) {
      for (const days of [-1, 0, 1])
        births.push(Date.UTC(year - age, month, day + days), Date.UTC(year - age, month, day + days) - 1);
    }
  }
  for (const year of [1904, 1968, 2000, 2004, 2020])
    for (const days of [-1, 0, 1]) births.push(Date.UTC(year, 1, 29) + days * DAY);
  return births.filter((birth) => birth <= Date.parse('2023-02-27T00:00:00.000Z'));
}

const USERS: User[] = edgyBirths().map((birthts, i) => ({
  user_id: String(10_000 + i),
  first_name: 'A',
  last_name: 'B',
  birthts,
  img_path: i % 3 ? `src-data/${i}.png` : null,
}));

t.test('filters are SQL', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-filters-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'db.sqlite');
  const db: StateFile = openStateFile(file, DATABASE_LAYOUT, () => undefined);
  t.teardown(() => db.close());
  await takeOver(db, asFiles(folder, makeGeneration(1, USERS)));
  const dataSet = openDataSet(file, () => undefined);
  t.teardown(() => dataSet.close());

  const age = fc.option(
    fc.oneof(fc.constantFrom(0, 1, 4, 17, 18, 30, 56, 57, 100, 150), fc.integer({ min: 0, max: 150 })),
    { nil: undefined },
  );
  const query = fc
    .record({ is_image_exists: fc.option(fc.boolean(), { nil: undefined }), min_age: age, max_age: age })
    .filter(({ min_age: min, max_age: max }) => min === undefined || max === undefined || min <= max)
    .map((given) => ({
      ...(given.is_image_exists === undefined ? {} : { is_image_exists: given.is_image_exists }),
      ...(given.min_age === undefined ? {} : { min_age: given.min_age }),
      ...(given.max_age === undefined ? {} : { max_age: given.max_age }),
    }));

  await t.test('which answer as a naive filter does, rows and figures', async (t) => {
    await fc.assert(
      fc.asyncProperty(query, fc.constantFrom(...NOWS.map(Date.parse)), async (given, now) => {
        const expected = USERS.filter((user) => {
          const years = naiveAge(user.birthts, now);
          if (given.is_image_exists !== undefined && (user.img_path !== null) !== given.is_image_exists)
            return false;
          return years >= (given.min_age ?? -1) && years <= (given.max_age ?? 999);
        });
        const filter = readFilter(given, now);
        const { value: chunks } = await dataSet.usersAsJson(filter);
        t.same(JSON.parse(Buffer.concat(chunks).toString()), expected);

        const sum = expected.reduce((total, user) => total + naiveAge(user.birthts, now), 0);
        const average_age = expected.length === 0 ? null : sum / expected.length;
        t.same(dataSet.stats(filter, now).value, { average_age, count: expected.length });
      }),
      { numRuns: 400 },
    );
  });

  await t.test('which an index serves', async (t) => {
    const plan = (given: Parameters<typeof readFilter>[0]) => {
      const { sql, values } = whereUsers(readFilter(given, Date.parse(NOWS[0] ?? '')));
      const steps = db.prepare<number[], { detail: string }>(
        `EXPLAIN QUERY PLAN SELECT count(*) FROM users ${sql}`,
      );
      return steps
        .all(...values)
        .map(({ detail }) => detail)
        .join('; ');
    };
    t.match(
      plan({ min_age: 30, max_age: 40 }),
      /SEARCH users USING .*INDEX users_by_birth \(birthts>\? AND birthts<\?\)/,
    );
    t.match(
      plan({ is_image_exists: true, min_age: 30 }),
      /SEARCH users USING .*INDEX users_by_image_and_birth/,
    );
  });
});

t.test('min_age above max_age is an error that names both', async (t) => {
  t.throws(() => readFilter({ min_age: 5, max_age: 4 }, 0), {
    code: 'bad_parameter',
    more: { parameters: ['min_age', 'max_age'] },
  });
  t.same(readFilter({ min_age: 5, max_age: 5 }, 0).dependsOnDay, true);
  t.same(readFilter({ is_image_exists: true }, 0).dependsOnDay, false);
});
