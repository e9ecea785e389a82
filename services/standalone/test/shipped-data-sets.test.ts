import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { naiveAge } from '@landfall/contracts/dataset/_naive-age';
import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import { readDefinition } from '@landfall/contracts/definition/read-definition';
import { filterParameters } from '@landfall/query/http/request/filter-parameters';
import t, { type Test } from 'tap';
import { withoutRefs } from '../../../test/_openapi.ts';
import { start, temporary } from './_process.ts';

const DATASETS = fileURLToPath(new URL('../../../datasets', import.meta.url));

type Row = Record<string, string | number | boolean | null>;
/** The value of a column that is a number, or a text. */
const number = (value: Row[string] | undefined): number => (typeof value === 'number' ? value : Number.NaN);
const text = (value: Row[string] | undefined): string => String(value);

/** What the API answers about the demo data of a data set. */
interface Expected {
  files: number;
  rows: number;
  orphans: number;
  rejects: { key: string; reason: string; detail: RegExp }[];
  /** Bodies of single rows. */
  bodies: Record<string, string>;
  /** Queries, and the rows that they select. All filter parameters of the definition occur. */
  filters: Record<string, (row: Row) => boolean>;
  /** A field, some of whose values are missing. */
  sort?: string;
  companions: { target: string; type?: string; key: string }[];
  without: string[];
  /** Of some members of a row in the OpenAPI document. */
  schemas: object;
}

const age = ({ birthts }: Row): number => naiveAge(number(birthts), Date.now());

const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });

const USERS: Expected = {
  files: 217,
  rows: 120,
  orphans: 1,
  rejects: [],
  bodies: {
    '1000':
      '{"user_id":"1000","first_name":"Ada","last_name":"Whitfield","birthts":0,"img_path":"src-data/1000.png"}',
  },
  filters: {
    'user_id=1000&user_id=1007': ({ user_id: id }) => id === '1000' || id === '1007',
    'first_name=Ada': ({ first_name: name }) => name === 'Ada',
    'last_name=W*': ({ last_name: name }) => text(name).startsWith('W'),
    'born_after=1999-12-31': ({ birthts }) => number(birthts) >= Date.UTC(2000, 0, 1),
    'born_before=1950-01-01': ({ birthts }) => number(birthts) < Date.UTC(1950, 0, 1),
    'is_image_exists=false': ({ img_path: image }) => image === null,
    'min_age=60': (row) => age(row) >= 60,
    'min_age=20&max_age=40': (row) => age(row) >= 20 && age(row) <= 40,
  },
  companions: [{ target: '1000/image', type: 'image/png', key: '1000.png' }],
  without: ['1004/image'],
  schemas: { birthts: { type: 'integer' }, img_path: orNull({ type: 'string' }) },
};

const STATIONS: Expected = {
  files: 60,
  rows: 57,
  orphans: 0,
  rejects: [
    { key: 'stations/70022.json', reason: 'invalid_elevation', detail: /"\d+ m" is text and not a number/ },
    { key: 'stations/70045.json', reason: 'invalid_latitude', detail: /is above 90/ },
    { key: 'stations/70050.json', reason: 'malformed_json', detail: /a closing brace is missing/ },
  ],
  bodies: {
    '70000':
      '{"station_id":"70000","name":"Arroyo Quieto","country":"AR","icao":"XARA","latitude":-30.7256,"longitude":-64.8591,"elevation":841}',
  },
  filters: {
    'station_id=70000&station_id=70059': ({ station_id: id }) => id === '70000' || id === '70059',
    'name=Pöyryharju': ({ name }) => name === 'Pöyryharju',
    'country=NZ': ({ country }) => country === 'NZ',
    'icao=XCH*': ({ icao }) => text(icao).startsWith('XCH'),
    'is_icao_exists=false': ({ icao }) => icao === null,
    'latitude=52.5': ({ latitude }) => latitude === 52.5,
    'min_latitude=63.5&max_latitude=66.2': ({ latitude }) =>
      number(latitude) >= 63.5 && number(latitude) <= 66.2,
    'longitude=-64.8591': ({ longitude }) => longitude === -64.8591,
    'min_longitude=-10.25': ({ longitude }) => number(longitude) >= -10.25,
    'max_longitude=0': ({ longitude }) => number(longitude) <= 0,
    'elevation=0': ({ elevation }) => elevation === 0,
    'min_elevation=1000': ({ elevation }) => number(elevation) >= 1_000,
    'max_elevation=0': ({ elevation }) => number(elevation) <= 0,
    'is_elevation_exists=false': ({ elevation }) => elevation === null,
    'is_elevation_exists=true&is_icao_exists=true&max_latitude=0': ({ elevation, icao, latitude }) =>
      elevation !== null && icao !== null && number(latitude) <= 0,
  },
  sort: 'elevation',
  companions: [],
  without: [],
  schemas: { latitude: { type: 'number', minimum: -90, maximum: 90 }, country: { type: 'string' } },
};

const INVOICES: Expected = {
  files: 77,
  rows: 24,
  orphans: 1,
  rejects: [
    {
      key: 'documents/2026-0010/result.json',
      reason: 'missing_value',
      detail: /^no value for \/supplier$/,
    },
    { key: 'documents/2026-0017/result.json', reason: 'invalid_total', detail: /is text and not a number/ },
    {
      key: 'documents/2026-0022/result.json',
      reason: 'invalid_currency',
      detail: /"Fr\." is none of CHF, EUR, USD/,
    },
  ],
  bodies: {
    '2026-0001':
      '{"invoice_id":"2026-0001","supplier":"Bäckerei Morgentau","issued":"2026-01-13","total":5.50,"currency":"EUR","paid":true,' +
      '"scan_path":"src-data/documents/2026-0001/source.pdf","text_path":"src-data/documents/2026-0001/extracted.txt"}',
  },
  filters: {
    'invoice_id=2026-0001&invoice_id=2026-0027': ({ invoice_id: id }) =>
      id === '2026-0001' || id === '2026-0027',
    'supplier=B*': ({ supplier }) => text(supplier).startsWith('B'),
    'issued_after=2026-03-01': ({ issued }) => text(issued) > '2026-03-01',
    'issued_before=2026-02-01': ({ issued }) => text(issued) < '2026-02-01',
    'total=5.5': ({ total }) => total === 5.5,
    'min_total=100': ({ total }) => number(total) >= 100,
    'max_total=505.50': ({ total }) => number(total) <= 505.5,
    'currency=CHF': ({ currency }) => currency === 'CHF',
    'currency=CHF&currency=USD': ({ currency }) => currency === 'CHF' || currency === 'USD',
    'paid=true': ({ paid }) => paid === true,
    'is_scan_exists=false': ({ scan_path: scan }) => scan === null,
    'is_text_exists=false&is_scan_exists=true': ({ text_path: file, scan_path: scan }) =>
      file === null && scan !== null,
  },
  companions: [
    { target: '2026-0001/scan', key: 'documents/2026-0001/source.pdf' },
    { target: '2026-0001/text', key: 'documents/2026-0001/extracted.txt' },
  ],
  without: ['2026-0005/scan', '2026-0008/text'],
  schemas: {
    total: { type: 'number', minimum: 0 },
    currency: { enum: ['CHF', 'EUR', 'USD'] },
    paid: { type: 'boolean' },
    issued: { type: 'string', format: 'date' },
  },
};

t.test('each shipped data set is served from its demo data, in folders of their own', async (t) => {
  // One after the other in one place, as somebody who tries them.
  const cwd = temporary(t);
  const source = (name: string) => path.join('data', name === 'users' ? '' : name, 'src-data');
  for (const [name, expected] of Object.entries({ users: USERS, stations: STATIONS, invoices: INVOICES })) {
    await t.test(name, async (t) => {
      const file = path.join(DATASETS, `${name}.json`);
      const started = start(t, { DATASET_FILE: file }, cwd);
      const address = await started.address();
      t.match(started.printed(), `Added ${expected.files} demo files to ${source(name)}.`);
      await expectAnswers(t, readDefinition(file), expected, address);
      t.equal(await started.end('SIGTERM'), 0);
    });
  }
  const files = fs.readdirSync(path.join(cwd, source('users'))).filter((name) => !name.startsWith('.'));
  t.equal(files.length, USERS.files, 'the first one is as it was');
  const output = fs.readFileSync(path.join(cwd, 'data', 'processed-data', 'output.csv'), 'utf8');
  t.equal(output.trimEnd().split('\n').length, 1 + USERS.rows);
});

async function expectAnswers(t: Test, definition: Definition, expected: Expected, address: string) {
  const ask = async (target: string) => JSON.parse(await (await fetch(address + target)).text());
  const key = keyColumn(definition);
  const rows: Row[] = await ask('/data');
  const idOf = (row: Row) => row[key];

  t.equal(rows.length, expected.rows);
  for (const [id, body] of Object.entries(expected.bodies))
    t.equal(await (await fetch(`${address}/data/${id}`)).text(), body);
  t.match(await ask('/rejects'), expected.rejects);
  t.match(await ask('/runs'), [
    { rejected: expected.rejects.length, added: expected.rows, orphan_images: expected.orphans },
  ]);

  for (const [query, isWanted] of Object.entries(expected.filters)) {
    const wanted = rows.filter(isWanted).map(idOf);
    t.ok(wanted.length > 0 && wanted.length < rows.length, `${query} selects some of the rows`);
    t.same((await ask(`/data?${query}`)).map(idOf), wanted, query);
    t.equal((await ask(`/stats?${query}`)).count, wanted.length, `/stats?${query}`);
  }
  const used = Object.keys(expected.filters).flatMap((query) => [...new URLSearchParams(query).keys()]);
  t.same([...new Set(used)].sort(), Object.keys(filterParameters(definition)).sort(), 'all were tried');

  const { sort } = expected;
  if (sort !== undefined) {
    const isMissing = (row: Row) => row[sort] === null;
    const missing = rows.filter(isMissing).length;
    t.ok(missing > 0);
    for (const direction of ['', '-']) {
      const sorted: Row[] = await ask(`/data?sort=${direction}${sort}`);
      const values = sorted.slice(0, -missing).map((row) => number(row[sort]));
      const ordered = values.toSorted((a, b) => (direction === '-' ? b - a : a - b));
      t.same(values, ordered, `${direction}${sort}`);
      t.ok(sorted.slice(-missing).every(isMissing), `${direction}${sort}: missing values are last`);
    }
  }

  const stats = await ask('/stats');
  for (const { name } of definition.fields.filter(({ name }) => definition.statistics.includes(name))) {
    const values = rows.flatMap((row) => (row[name] === null ? [] : number(row[name])));
    t.equal(stats[`min_${name}`], Math.min(...values));
    t.equal(stats[`max_${name}`], Math.max(...values));
  }
  t.equal(stats.count, rows.length);

  for (const { target, type, key } of expected.companions) {
    const response = await fetch(`${address}/data/${target}`);
    if (type) t.equal(response.headers.get('content-type'), type, target);
    const content = fs.readFileSync(path.join(DATASETS, definition.name, key));
    t.ok(Buffer.from(await response.arrayBuffer()).equals(content), `${target}: the bytes of the file`);
  }
  for (const target of expected.without) t.equal((await fetch(`${address}/data/${target}`)).status, 404);

  t.same(await ask('/definition'), JSON.parse(JSON.stringify(definition)));
  const { paths } = withoutRefs(await ask('/openapi.json'));
  t.match(
    paths['/data'].get.responses[200].content['application/json'].schema.items.properties,
    expected.schemas,
  );
  const described = paths['/data'].get.parameters.map(({ name }: { name: string }) => name);
  t.same(
    Object.keys(filterParameters(definition)).filter((name) => !described.includes(name)),
    [],
  );
  for (const { name } of definition.companions) t.ok(paths[`/data/{${key}}/${name}`], `${name} is described`);
}
