import { ageInYears } from '@landfall/contracts/dataset/age';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { USERS } from '@landfall/contracts/dataset/users';
import t from 'tap';
import { makeFolder, serveFiles } from './_serve-definition.ts';

/** The shipped data set with one more column of each kind, and one more derived value. */
const STAFF: Definition = {
  ...USERS,
  fields: [
    ...USERS.fields,
    { name: 'team', type: 'string' },
    { name: 'hired', type: 'timestamp', unit: 'ms', past: true, asked_as: 'joined' },
  ],
  companions: [...USERS.companions, { name: 'badge', files: '**/{user_id}.{pdf,txt}', column: 'badge_path' }],
  derived: [...USERS.derived, { name: 'seniority', years_since: 'hired', maximum: 80 }],
};

const HEADER = 'first_name, last_name, birthts, team, hired\n';
const day = (text: string): number => Date.parse(text);
const FILES: Record<string, string> = {
  'ada.csv': `${HEADER}Ada, Lovelace, ${day('1990-05-01')}, Analytics, ${day('2010-03-01')}\n`,
  'ada.png': 'a picture',
  'ada.pdf': 'a badge',
  'grace.csv': `team, hired, birthts, last_name, first_name\nCompilers, ${day('2020-07-01')}, ${day('1985-02-03')}, Hopper, Grace\n`,
  'alan.csv': `${HEADER}Alan, Turing, ${day('1995-01-01')}, "Analysis, applied", ${day('2015-01-01')}\n`,
  'alan.txt': 'another badge',
  'early.csv': `${HEADER}Early, Bird, 5, Analytics, 99999999999999\n`,
  'late.csv': `${HEADER}Late, Comer, 5, Analytics, soon\n`,
  'short.csv': 'first_name, last_name, birthts\nShort, Row, 5\n',
  'lone.pdf': 'a badge without a record',
};

t.test('a definition with one more column of each kind is ingested, loaded and served', async (t) => {
  const { report, ask, ids, published } = await serveFiles(t, makeFolder(t, FILES), STAFF);

  await t.test('published rows and rejects', async (t) => {
    t.match(report, { status: 'succeeded', added: 3, rejected: 3, orphan_images: 1 });
    t.same(published('output.csv').split('\n'), [
      'user_id,first_name,last_name,birthts,team,hired,img_path,badge_path',
      `ada,Ada,Lovelace,${day('1990-05-01')},Analytics,${day('2010-03-01')},source/ada.png,source/ada.pdf`,
      `alan,Alan,Turing,${day('1995-01-01')},"Analysis, applied",${day('2015-01-01')},,source/alan.txt`,
      `grace,Grace,Hopper,${day('1985-02-03')},Compilers,${day('2020-07-01')},,`,
      '',
    ]);
    t.match((await ask('/rejects')).json(), [
      { key: 'early.csv', user_id: 'early', reason: 'hired_in_future' },
      { key: 'late.csv', reason: 'invalid_hired', detail: /line 2, column 5/ },
      { key: 'short.csv', reason: 'missing_column', detail: /team, hired/ },
    ]);
  });

  await t.test('rows', async (t) => {
    const ada = {
      user_id: 'ada',
      first_name: 'Ada',
      last_name: 'Lovelace',
      birthts: day('1990-05-01'),
      team: 'Analytics',
      hired: day('2010-03-01'),
      img_path: 'source/ada.png',
      badge_path: 'source/ada.pdf',
    };
    t.same((await ask('/data')).json()[0], ada);
    t.same((await ask('/data/ada')).json(), ada);
    t.equal((await ask('/data?format=csv')).text, published('output.csv'));
    t.equal((await ask('/data/ada/badge')).text, 'a badge');
    t.equal((await ask('/data/grace/badge')).status, 404);
  });

  await t.test('filters', async (t) => {
    const years = ageInYears(day('2015-01-01'), Date.now());
    for (const [query, expected] of [
      ['team=Analytics', ['ada']],
      ['team=Analy*', ['ada', 'alan']],
      ['team=Analysis, applied', ['alan']],
      ['joined_after=2010-03-01', ['alan', 'grace']],
      ['joined_before=2015-01-01', ['ada']],
      [`min_seniority=${years}`, ['ada', 'alan']],
      [`max_seniority=${years}`, ['alan', 'grace']],
      ['is_badge_exists=true', ['ada', 'alan']],
      ['is_badge_exists=false', ['grace']],
      ['is_badge_exists=true&is_image_exists=false', ['alan']],
      ['born_after=1988-01-01&team=Ana*&is_badge_exists=true', ['ada', 'alan']],
    ] as const) {
      t.same(await ids(`/data?${query}`), expected, query);
      t.equal((await ask(`/stats?${query}`)).json().count, expected.length, `/stats?${query}`);
    }
    t.match((await ask('/data?nickname=x')).json(), { status: 400, code: 'bad_parameter' });
  });

  await t.test('sort orders', async (t) => {
    for (const [sort, expected] of [
      ['team', ['alan', 'ada', 'grace']],
      ['-team', ['grace', 'ada', 'alan']],
      ['hired', ['ada', 'alan', 'grace']],
      ['-hired', ['grace', 'alan', 'ada']],
      ['badge_path', ['ada', 'alan', 'grace']],
      ['-badge_path', ['alan', 'ada', 'grace']],
    ] as const) {
      t.same(await ids(`/data?sort=${sort}`), expected, sort);
      t.same(await ids(`/data?sort=${sort}&limit=2`), expected.slice(0, 2), `${sort}, a page`);
    }
  });

  await t.test('statistics', async (t) => {
    t.match((await ask('/stats')).json(), { count: 3, with_image: 1, with_badge: 2 });
    t.match((await ask('/stats?team=Ana*&histogram=true')).json(), {
      count: 2,
      with_image: 1,
      with_badge: 2,
    });
  });

  await t.test('the OpenAPI document', async (t) => {
    const { paths } = (await ask('/openapi.json')).json();
    const names: string[] = paths['/data'].get.parameters.map(({ name }: { name: string }) => name);
    for (const name of [
      'team',
      'joined_after',
      'joined_before',
      'min_seniority',
      'max_seniority',
      'is_badge_exists',
    ]) {
      t.ok(names.includes(name), name);
    }
    t.ok(paths['/data/{user_id}/badge']);
  });
});
