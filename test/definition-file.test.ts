import fs from 'node:fs';
import path from 'node:path';
import { parseDefinition } from '@landfall/contracts/definition/parse-definition';
import { makeLogger } from '@landfall/process/logger';
import { startQuery } from '@landfall/query/start';
import { openPorts } from '@landfall/standalone/ports';
import t from 'tap';
import { withoutRefs } from './_openapi.ts';
import { makeFolder, serveFiles } from './_serve-definition.ts';

/** A data set with a field of each type. */
const BOOKS = {
  name: 'books',
  one: 'book',
  records: '**/{isbn}.csv',
  max_bytes: 200,
  fields: [
    { name: 'title', type: 'string', from: 'Book title' },
    { name: 'language', type: 'enum', values: ['de', 'en', 'fr'] },
    { name: 'lent', type: 'boolean' },
    { name: 'pages', type: 'integer', minimum: 1 },
    { name: 'price', type: 'decimal', scale: 2, minimum: 0 },
    { name: 'published', type: 'date', past: true },
    { name: 'bought', type: 'timestamp', unit: 's' },
    { name: 'order', type: 'timestamp', unit: 'iso', asked_as: 'ordered' },
  ],
  companions: [
    { name: 'cover', files: '**/{isbn}.{jpg,png}' },
    { name: 'text', files: '**/{isbn}.txt' },
  ],
  derived: [{ name: 'years', years_since: 'published', maximum: 500 }],
  statistics: ['price', 'years', 'pages'],
};

const HEADER = 'Book title, language, lent, pages, price, published, bought, order\n';
const FILES: Record<string, string> = {
  '1.csv': `${HEADER}Emma, en, true, 474, 12.5, 1815-12-23, 1000000000, 2001-09-09T01:46:40Z\n`,
  '1.jpg': 'a cover',
  '1.txt': 'Emma Woodhouse',
  'b/2.csv': `${HEADER}"Faust, Teil I", de, 0, 158, 7, 18080101, -86400, 2001-09-10T01:46:40.5+02:00\n`,
  '3.csv': `price, Book title, language, lent, pages, published, bought, order\n0.05, Candide, fr, FALSE, 120, 1759-01-15, 0, 2001-09-08T00:00:00Z\n`,
  '4.csv': `${HEADER}X, it, true, 1, 1, 2000-01-01, 0, 2001-09-09T01:46:40Z\n`,
  '5.csv': `${HEADER}X, en, maybe, 1, 1, 2000-01-01, 0, 2001-09-09T01:46:40Z\n`,
  '6.csv': `${HEADER}X, en, true, 0, 1, 2000-01-01, 0, 2001-09-09T01:46:40Z\n`,
  '7.csv': `${HEADER}X, en, true, 1, 1.005, 2000-01-01, 0, 2001-09-09T01:46:40Z\n`,
  '8.csv': `${HEADER}X, en, true, 1, 1, 2001-02-29, 0, 2001-09-09T01:46:40Z\n`,
  '9.csv': `${HEADER}X, en, true, 1, 1, 9000-01-01, 0, 2001-09-09T01:46:40Z\n`,
  '10.csv': `${HEADER}X, en, true, 1, 1, 2000-01-01, 0, 2001-09-09\n`,
  '11.csv': `${HEADER}${'X'.repeat(200)}, en, true, 1, 1, 2000-01-01, 0, 2001-09-09T01:46:40Z\n`,
};

const parse = (value: object) => parseDefinition(JSON.stringify(value), 'test.json');

t.test('a data set with a field of each type is ingested, loaded and served', async (t) => {
  const { report, ask, ids, published, query } = await serveFiles(t, makeFolder(t, FILES), parse(BOOKS));

  await t.test('published rows and rejects', async (t) => {
    t.match(report, { status: 'succeeded', added: 3, rejected: 8 });
    t.same(published('output.csv').split('\n'), [
      'isbn,title,language,lent,pages,price,published,bought,order,cover_path,text_path',
      '1,Emma,en,true,474,12.50,1815-12-23,1000000000,2001-09-09T01:46:40.000Z,source/1.jpg,source/1.txt',
      '2,"Faust, Teil I",de,false,158,7.00,1808-01-01,-86400,2001-09-09T23:46:40.500Z,,',
      '3,Candide,fr,false,120,0.05,1759-01-15,0,2001-09-08T00:00:00.000Z,,',
      '',
    ]);
    t.match((await ask('/rejects')).json(), [
      { key: '10.csv', isbn: '10', reason: 'invalid_order', detail: /offset/ },
      { key: '11.csv', reason: 'too_large', detail: /the maximum is 200/ },
      { key: '4.csv', reason: 'invalid_language', detail: /line 2, column 2: "it" is none of de, en, fr/ },
      { key: '5.csv', reason: 'invalid_lent' },
      { key: '6.csv', reason: 'invalid_pages', detail: /below 1/ },
      { key: '7.csv', reason: 'invalid_price', detail: /3 digits after the point/ },
      { key: '8.csv', reason: 'invalid_published', detail: /calendar/ },
      { key: '9.csv', reason: 'published_in_future', detail: /9000/ },
    ]);
  });

  await t.test('rows', async (t) => {
    const emma =
      '{"isbn":"1","title":"Emma","language":"en","lent":true,"pages":474,"price":12.50,"published":"1815-12-23",' +
      '"bought":1000000000,"order":"2001-09-09T01:46:40.000Z","cover_path":"source/1.jpg","text_path":"source/1.txt"}';
    t.equal((await ask('/data/1')).text, emma);
    t.equal((await ask('/data?isbn=1')).text, `[${emma}]`);
    t.equal((await ask('/data?format=csv')).text, published('output.csv'));
    t.equal((await ask('/data/1/text')).text, 'Emma Woodhouse');
    t.same((await ask('/definition')).json(), parse(BOOKS));
    t.match(
      await fetch(new URL('/', query.address), { redirect: 'manual' }),
      { status: 200 },
      'the dashboard',
    );
  });

  await t.test('filters', async (t) => {
    for (const [parameters, expected] of [
      ['title=Faust*', ['2']],
      ['language=en', ['1']],
      ['language=en&language=fr', ['1', '3']],
      ['lent=true', ['1']],
      ['lent=false', ['2', '3']],
      ['pages=158', ['2']],
      ['min_pages=120&max_pages=158', ['2', '3']],
      ['price=7', ['2']],
      ['price=7.00', ['2']],
      ['min_price=7&max_price=12.5', ['1', '2']],
      ['max_price=0.05', ['3']],
      ['published_after=1808-01-01', ['1']],
      ['published_before=1808-01-01', ['3']],
      ['bought_after=1969-12-31', ['1', '3']],
      ['bought_before=1970-01-01', ['2']],
      ['ordered_after=2001-09-08', ['1', '2']],
      ['ordered_before=2001-09-09', ['3']],
      ['ordered_before=9999-12-31', ['1', '2', '3']],
      ['ordered_after=9999-12-31', []],
      ['min_years=200&is_cover_exists=true', ['1']],
      ['min_years=215', ['2', '3']],
      ['is_text_exists=false&lent=false', ['2', '3']],
    ] as const) {
      t.same(await ids(`/data?${parameters}`), expected, parameters);
      t.equal((await ask(`/stats?${parameters}`)).json().count, expected.length, `/stats?${parameters}`);
    }
    for (const [parameters, detail] of [
      ['language=it', /language is "it", but each must be one of de, en, fr/],
      ['lent=2', /must be true or false/],
      ['pages=1.5', /must be an integer/],
      ['price=1.005', /must be a number like 1.01, with at most 2 digits after the point/],
      ['min_price=2&max_price=1.5', /Nothing can match: min_price is 2, and max_price is 1.5/],
      ['order_after=2001-09-08', /order_after is unknown/],
    ] as const) {
      t.match(
        (await ask(`/data?${parameters}`)).json(),
        { status: 400, code: 'bad_parameter', detail },
        parameters,
      );
    }
  });

  await t.test('sort orders', async (t) => {
    for (const [sort, expected] of [
      ['title', ['3', '1', '2']],
      ['lent', ['2', '3', '1']],
      ['-lent', ['1', '2', '3']],
      ['price', ['3', '2', '1']],
      ['-published', ['1', '2', '3']],
      ['bought', ['2', '3', '1']],
      ['-order', ['2', '1', '3']],
    ] as const) {
      t.same(await ids(`/data?sort=${sort}`), expected, sort);
      t.same(await ids(`/data?sort=${sort}&limit=2`), expected.slice(0, 2), `${sort}, a page`);
    }
  });

  await t.test('statistics, and the OpenAPI document', async (t) => {
    const all = await ask('/stats');
    t.match(
      all.text,
      /^\{"average_price":6\.516666666666667,"count":3,"min_price":0\.05,"max_price":12\.50,"median_price":7\.00,"sum_price":19\.55,/,
    );
    t.match(
      all.text,
      /"average_pages":250\.66666666666666,"min_pages":120,.*"median_pages":158,"sum_pages":752,/,
    );
    t.match(all.text, /"with_cover":1,"with_text":1\}$/);
    t.match((await ask('/stats?language=de&language=fr')).text, /"median_price":3\.525,"sum_price":7\.05,/);
    t.match((await ask('/stats?min_pages=1000')).text, /"count":0,"min_price":null,.*"sum_price":0\.00,/);
    const counts = '"count":1,"with_cover":0,"with_text":0}';
    for (const [histogram, entries] of [
      [
        'language',
        `{"language":"de",${counts},{"language":"en","count":1,"with_cover":1,"with_text":1},{"language":"fr",${counts}`,
      ],
      [
        'lent',
        `{"lent":false,"count":2,"with_cover":0,"with_text":0},{"lent":true,"count":1,"with_cover":1,"with_text":1}`,
      ],
      [
        'price',
        `{"price":0.05,${counts},{"price":7.00,${counts},{"price":12.50,"count":1,"with_cover":1,"with_text":1}`,
      ],
      [
        'pages',
        `{"pages":120,${counts},{"pages":158,${counts},{"pages":474,"count":1,"with_cover":1,"with_text":1}`,
      ],
    ] as const) {
      const { text } = await ask(`/stats?histogram=${histogram}`);
      t.ok(text.endsWith(`,"histogram":[${entries}]}`), `${histogram}: ${text}`);
    }
    t.match((await ask('/stats?histogram=true')).json().histogram, [{ years: Number, count: 1 }]);
    t.same((await ask('/stats?histogram=years')).json(), (await ask('/stats?histogram=true')).json());
    t.same((await ask('/stats?histogram=false')).json(), all.json());
    for (const histogram of ['title', 'published', 'cover', '']) {
      const { status, text } = await ask(`/stats?histogram=${histogram}`);
      t.match(
        [status, text],
        [400, /must be one of true, price, years, pages, language, lent, false/],
        histogram,
      );
    }
    const { paths } = withoutRefs((await ask('/openapi.json')).json());
    t.match(paths['/data'].get.responses[200].content['application/json'].schema.items.properties, {
      language: { enum: ['de', 'en', 'fr'] },
      lent: { type: 'boolean' },
      price: { type: 'number', minimum: 0 },
      published: { type: 'string', format: 'date' },
      order: { format: 'date-time' },
    });
  });
});

t.test('another definition replaces the data set, in a generation of its own', async (t) => {
  const folder = makeFolder(t, FILES);
  const first = await serveFiles(t, folder, parse(BOOKS));
  const { generation } = JSON.parse(first.published('manifest.json'));
  await first.stop();

  const titles = parse({
    ...BOOKS,
    fields: BOOKS.fields.slice(0, 2),
    derived: [],
    statistics: [],
    companions: [],
  });
  const second = await serveFiles(t, folder, titles);
  const manifest = JSON.parse(second.published('manifest.json'));
  t.equal(manifest.generation, generation + 1);
  t.equal(manifest.delta, undefined);
  t.match(manifest.definition, { name: 'books', fields: [{ name: 'title' }, { name: 'language' }] });
  t.same(await second.ids('/data'), ['1', '10', '2', '3', '5', '6', '7', '8', '9']);
  t.equal((await second.ask(`/data?generation=${generation}`)).status, 410);
  await second.stop();

  const all = parse({ ...BOOKS, description: 'only a text differs' });
  const third = await serveFiles(t, folder, all);
  t.match(JSON.parse(third.published('manifest.json')), { generation: generation + 2, rows: 3 });
});

t.test('texts, names of parameters and statistics change without reading anything again', async (t) => {
  const folder = makeFolder(t, FILES);
  const first = await serveFiles(t, folder, parse(BOOKS));
  const { generation } = JSON.parse(first.published('manifest.json'));
  const statistics = await first.ask('/stats');
  await first.stop();
  const database = path.join(folder, 'query-state', 'data-set.sqlite');
  const opened = fs.openSync(database, 'r');
  t.teardown(() => fs.closeSync(opened));
  fs.writeFileSync(path.join(folder, 'source', '12.csv'), FILES['3.csv'] ?? '');

  const changed = parse({
    ...BOOKS,
    $schema: './dataset.schema.json',
    description: 'Books of a library',
    fields: BOOKS.fields.map((field) =>
      field.name === 'published' ? { ...field, asked_as: 'out', description: 'the first edition' } : field,
    ),
    statistics: ['pages'],
  });
  const second = await serveFiles(t, folder, changed);
  t.match(
    second.report,
    { fetched: 1, unchanged: 11, added: 1, updated: 0, removed: 0 },
    'a new file is read',
  );
  t.match(JSON.parse(second.published('manifest.json')), { generation: generation + 1, definition: changed });
  t.equal(fs.fstatSync(opened).nlink, 1, 'the database is not created again');
  t.same(
    (await second.ask(`/data?generation=${generation}`)).json().length,
    3,
    'it has the generation before',
  );
  t.same(await second.ids('/data?out_after=1800-01-01'), ['1', '2']);
  const other = await second.ask(`/stats?generation=${generation}`);
  t.not(other.text, statistics.text);
  t.not(other.etag, statistics.etag, 'another answer has another ETag');
  const questions = ['', '?lent=false', '?language=en&language=fr', '?histogram=pages&is_cover_exists=false'];
  const answersOf = ({ ask }: typeof second) =>
    Promise.all(questions.map(async (question) => (await ask(`/stats${question}`)).text));
  const answers = await answersOf(second);
  await second.stop();

  fs.renameSync(path.join(folder, 'query-state'), path.join(folder, 'kept'));
  const anew = await serveFiles(t, folder, changed);
  t.same(answers, await answersOf(anew), 'statistics are those of a new database');
  await anew.stop();
  fs.rmSync(path.join(folder, 'query-state'), { recursive: true });
  fs.renameSync(path.join(folder, 'kept'), path.join(folder, 'query-state'));

  const third = await serveFiles(t, folder, parse({ ...BOOKS, statistics: ['years'] }));
  t.match(third.report, { fetched: 0, published: false });
  t.match(
    JSON.parse(third.published('manifest.json')),
    { generation: generation + 1, definition: parse({ ...BOOKS, statistics: ['years'] }) },
    'the manifest has the definition, in the same generation',
  );
  t.equal(third.query.manifest()?.generation, generation + 1);
  t.match((await third.ask('/stats?lent=false')).json(), { count: 3, max_years: /^2\d\d$/ });
  t.equal(fs.fstatSync(opened).nlink, 1, 'the rollup was made again in the database');
});

t.test('a definition that no file matches is red, with the patterns', async (t) => {
  const folder = makeFolder(t, { 'books/1.csv': FILES['1.csv'] ?? '' });
  const { ask, query } = await serveFiles(t, folder, parse({ ...BOOKS, records: 'book/{isbn}.csv' }));
  await query.syncNow();
  t.same((await ask('/data')).json(), []);
  const nothing = { code: 'nothing_matches', detail: /records: book\/\{isbn\}\.csv.*books\/1\.csv/ };
  t.match((await ask('/runs')).json(), [{ status: 'succeeded', conditions: [nothing] }]);
  t.match((await ask('/status')).json(), { level: 'red', reasons: [nothing] });
});

t.test('a query service with another definition serves what it has, and reports why', async (t) => {
  const folder = makeFolder(t, FILES);
  const { stop, published } = await serveFiles(t, folder, parse(BOOKS));
  await stop();
  const { generation } = JSON.parse(published('manifest.json'));
  const log = makeLogger('test', 'silent');
  const ports = await openPorts(
    { DATA_DIR: folder, SOURCE_BUCKET: 'source', PROCESSED_BUCKET: 'processed', definition: parse(BOOKS) },
    log,
  );
  t.teardown(() => ports.close());
  const query = await startQuery({
    store: ports.store,
    bus: ports.bus,
    log,
    clock: Date.now,
    definition: parse({ ...BOOKS, fields: BOOKS.fields.slice(0, 6) }),
    processedBucket: 'processed',
    stateDir: path.join(folder, 'other-state'),
    host: '127.0.0.1',
    port: 0,
    keepGenerations: 3,
    runWaitMs: 1_000,
    generationWaitMs: 1_000,
    cacheBytes: 1_000_000,
  });
  t.teardown(() => query.stop());
  await t.rejects(query.syncNow(), { message: /another definition/ });
  const status = await (await fetch(new URL('/status', query.address))).json();
  const reason = { code: 'not_loaded', detail: /another definition/ };
  t.match(status, { level: 'red', generation: null, reasons: [reason] });
  t.notMatch(JSON.stringify(status), /no_data_set/, 'there is one, of another definition');
  t.ok(generation > 0);
  const ready = await fetch(new URL('/readyz', query.address));
  t.match([ready.status, await ready.json()], [503, reason]);
});

/** Nested JSON, decimals, optional values, no companion. */
const STATIONS = {
  name: 'stations',
  one: 'station',
  records: '**/{station_id}.json',
  missing: ['', 'N/A'],
  fields: [
    { name: 'name', type: 'string', from: '/name/en' },
    { name: 'country', type: 'string' },
    { name: 'icao', type: 'string', from: '/identifiers/icao', optional: true },
    { name: 'latitude', type: 'decimal', scale: 4, from: '/location/latitude', minimum: -90, maximum: 90 },
    { name: 'elevation', type: 'integer', from: '/location/elevation', optional: true },
    { name: 'active', type: 'boolean', optional: true },
    { name: 'opened', type: 'date', optional: true },
  ],
  derived: [{ name: 'years', years_since: 'opened', maximum: 500 }],
  statistics: ['elevation'],
};

const station = (changes: object = {}) => ({
  name: { en: 'Zürich', de: 'Z' },
  country: 'CH',
  identifiers: { icao: 'LSZH', other: [1, 2, { a: 1 }] },
  location: { latitude: 47.4647, elevation: 432 },
  active: true,
  opened: '1948-06-14',
  ...changes,
});

const JSON_FILES: Record<string, string> = {
  'a.json': JSON.stringify(station()),
  'b.json': `\ufeff${JSON.stringify(station({ identifiers: {}, location: { latitude: -0.5 }, active: null, opened: 'N/A' }), null, 2)}\n`,
  'c.json': JSON.stringify(
    station({ name: { en: ' Bern ' }, location: { latitude: 46.91, elevation: -7 }, active: 0 }),
  ),
  'd.JSON': JSON.stringify(
    station({ identifiers: null, location: { latitude: 46.91, elevation: null }, opened: '20000229' }),
  ),
  'proto.json': `{"__proto__": {"country": "XX"}, ${JSON.stringify(station()).slice(1)}`,
  'array.json': '[]',
  'bad.json': '{"name": {"en": "x"},\n "country": CH}',
  'comment.json': '{} // nothing',
  'decimal.json': JSON.stringify(station({ location: { latitude: '47.1' } })),
  'deep.json': `{"x": ${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
  'digits.json': JSON.stringify(station()).replace('47.4647', '47.46470000000000001'),
  'double.json': '{"name": {"en": "x", "en": "y"}, "country": "CH", "location": {"latitude": 1}}',
  'exponent.json': JSON.stringify(station()).replace('432', '4.32e2'),
  'float.json': JSON.stringify(station()).replace('432', '432.0'),
  'half.json': JSON.stringify(station({ country: '\ud800' })),
  'huge.json': JSON.stringify(station({ country: 'x'.repeat(70_000) })),
  'lacking.json': JSON.stringify(station({ name: undefined, country: '  ' })),
  'number.json': JSON.stringify(station({ country: 5 })),
  'object.json': JSON.stringify(station({ country: { code: 'CH' } })),
  'unsafe.json': JSON.stringify(station()).replace('432', '9007199254740993'),
  'utf16.json': [...JSON.stringify(station({ name: { en: 'Z' } }))].join('\0'),
  'yes.json': JSON.stringify(station({ active: 2 })),
};

t.test('JSON records with optional values are ingested, loaded and served', async (t) => {
  const { report, ask, ids, published } = await serveFiles(t, makeFolder(t, JSON_FILES), parse(STATIONS));
  t.match(report, { status: 'succeeded', added: 5, rejected: 17 });
  t.same(published('output.csv').split('\n'), [
    'station_id,name,country,icao,latitude,elevation,active,opened',
    'a,Zürich,CH,LSZH,47.4647,432,true,1948-06-14',
    'b,Zürich,CH,,-0.5000,,,',
    'c,Bern,CH,LSZH,46.9100,-7,false,1948-06-14',
    'd,Zürich,CH,,46.9100,,true,2000-02-29',
    'proto,Zürich,CH,LSZH,47.4647,432,true,1948-06-14',
    '',
  ]);
  const rejects: { key: string; reason: string; detail: string }[] = (await ask('/rejects')).json();
  t.match(
    rejects.map(({ key, reason, detail }) => [key, reason, detail]),
    [
      ['array.json', 'malformed_json', /not one JSON object/],
      ['bad.json', 'malformed_json', /line 2, column 13/],
      ['comment.json', 'malformed_json', /line 1, column 4: a comment/],
      ['decimal.json', 'invalid_latitude', /latitude: "47.1" is text and not a number/],
      ['deep.json', 'malformed_json', /nested more than 100 levels deep/],
      ['digits.json', 'invalid_latitude', /17 digits after the point/],
      ['double.json', 'malformed_json', /"\/name\/en" occurs twice/],
      ['exponent.json', 'invalid_elevation', /4.32e2 is not an integer/],
      ['float.json', 'invalid_elevation', /432.0 is not an integer/],
      ['half.json', 'invalid_country', /surrogate/],
      ['huge.json', 'too_large', /maximum is 65536/],
      ['lacking.json', 'missing_value', 'no value for /name/en, /country'],
      ['number.json', 'invalid_country', '/country: 5 is a number and not text'],
      ['object.json', 'invalid_country', /an object is not text/],
      ['unsafe.json', 'invalid_elevation', /9007199254740993 has too many digits/],
      ['utf16.json', 'not_utf8', /UTF-16/],
      ['yes.json', 'invalid_active', /2 is not true, false, 1 or 0/],
    ],
  );
  t.equal(
    (await ask('/data/b')).text,
    '{"station_id":"b","name":"Zürich","country":"CH","icao":null,"latitude":-0.5000,"elevation":null,"active":null,"opened":null}',
  );
  t.equal((await ask('/data?format=csv')).text, published('output.csv'));
  t.match((await ask('/stats?histogram=true')).json(), {
    status: 400,
    detail:
      /^histogram is "true", but must be one of .*, false \(`true` needs a derived value in `statistics`\)$/,
  });

  for (const [parameters, expected] of [
    ['is_elevation_exists=true', ['a', 'c', 'proto']],
    ['is_elevation_exists=false', ['b', 'd']],
    ['is_icao_exists=false&is_active_exists=true', ['d']],
    ['max_elevation=0', ['c']],
    ['active=false', ['c']],
    ['opened_after=1900-01-01&is_opened_exists=true', ['a', 'c', 'd', 'proto']],
    ['is_opened_exists=false', ['b']],
  ] as const) {
    t.same(await ids(`/data?${parameters}`), expected, parameters);
    t.equal((await ask(`/stats?${parameters}`)).json().count, expected.length, `/stats?${parameters}`);
  }
  t.equal(
    (await ask('/stats?histogram=active')).text,
    '{"average_elevation":285.6666666666667,"count":5,"min_elevation":-7,"max_elevation":432,"median_elevation":432,' +
      '"sum_elevation":857,"with_elevation":3,"histogram":[{"active":false,"count":1},{"active":true,"count":3},{"active":null,"count":1}]}',
  );
  t.match(
    (await ask('/stats?histogram=elevation')).text,
    /\[\{"elevation":-7,"count":1\},\{"elevation":432,"count":2\}\]/,
  );
  t.equal((await ask('/stats?min_years=1')).json().count, 4, 'years since an optional day');

  for (const [sort, expected] of [
    ['elevation', ['c', 'a', 'proto', 'b', 'd']],
    ['-elevation', ['a', 'proto', 'c', 'b', 'd']],
    ['icao', ['a', 'c', 'proto', 'b', 'd']],
    ['-icao', ['a', 'c', 'proto', 'b', 'd']],
    ['active', ['c', 'a', 'd', 'proto', 'b']],
    ['-opened', ['d', 'a', 'c', 'proto', 'b']],
  ] as const) {
    t.same(await ids(`/data?sort=${sort}`), expected, sort);
    for (const limit of [1, 2, 3])
      t.same(await pages(ask, `/data?sort=${sort}&limit=${limit}`), expected, `${sort}, pages of ${limit}`);
    t.same(
      await pages(ask, `/data?sort=${sort}&limit=1&country=CH*&is_active_exists=true`),
      expected.filter((id) => id !== 'b'),
      `${sort}, some`,
    );
  }
});

/** The ids of all pages, from one to the next. */
async function pages(
  ask: (target: string) => Promise<{ json: () => { station_id: string }[]; next: string | undefined }>,
  first: string,
): Promise<string[]> {
  const found: string[] = [];
  for (let target: string | undefined = first; target !== undefined; ) {
    const { json, next }: { json: () => { station_id: string }[]; next: string | undefined } =
      await ask(target);
    found.push(...json().map(({ station_id: id }) => id));
    target = next;
  }
  return found;
}
