import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

const landfall = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });

function makeFolder(t: Test, files: Record<string, string>): string {
  const folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-cli-')), 'books');
  t.teardown(() => fs.rmSync(path.dirname(folder), { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
  return folder;
}

const HEADER = 'Title, Language, lent, pages, price, published\n';
const BOOKS: Record<string, string> = {
  ...Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [
      `shelf/${i}.csv`,
      `${HEADER}Title ${i}, ${i % 2 ? 'de' : 'en'}, ${i % 3 === 0}, ${100 + i}, ${i}.50, 200${i}-01-0${i + 1}\n`,
    ]),
  ),
  'shelf/8.csv': `${HEADER}"Last, but not least", en, true, , 7, 2008-01-09\n`,
  'shelf/1.jpg': 'a cover',
  'shelf/lone.jpg': 'a cover without a book',
  'readme.md': 'not a record',
  '.git/x.csv': 'of a tool',
};

t.test('token prints a token and its line', async (t) => {
  const { status, stdout } = landfall('token', 'nightly', 'run');
  t.equal(status, 0);
  const [, token = '', hash = ''] =
    /^ {2}(lf_[\w-]{43})\n[\s\S]*^ {2}nightly:run:([0-9a-f]{64})\n/m.exec(stdout) ?? [];
  t.equal(createHash('sha256').update(token).digest('hex'), hash);
  t.match(landfall('token', 'nightly', 'write'), {
    status: 78,
    stderr: /a scope is not one of read, run, force/,
  });
  t.match(landfall('token', 'a b', 'read'), { status: 78, stderr: /the name is not/ });
  for (const [name, scope] of [
    ['a\n', 'read'],
    ['a', 'read\n'],
    ['\ufeffa', 'read'],
  ] as const) {
    t.match(landfall('token', name, scope), { status: 78, stdout: '', stderr: /blanks or line ends/ });
  }
});

t.test('describe makes a definition that all files fit', async (t) => {
  const folder = makeFolder(t, BOOKS);
  const described = landfall('describe', folder);
  t.equal(described.status, 0, described.stderr);
  t.match(JSON.parse(described.stdout), {
    name: 'books',
    one: 'book',
    records: '**/{book_id}.csv',
    fields: [
      { name: 'title', type: 'string', from: 'Title' },
      { name: 'language', type: 'enum', values: ['de', 'en'] },
      { name: 'lent', type: 'boolean' },
      { name: 'pages', type: 'integer', optional: true },
      { name: 'price', type: 'decimal', scale: 2 },
      { name: 'published', type: 'date' },
    ],
    companions: [{ name: 'jpg', files: '**/{book_id}.jpg' }],
    statistics: ['pages', 'price'],
  });
  t.equal(described.stderr, 'read 9 records\n');
  const file = path.join(path.dirname(folder), 'books.json');
  fs.writeFileSync(file, described.stdout);
  const checked = landfall('check', file, folder);
  t.equal(checked.status, 0, checked.stdout + checked.stderr);
  t.match(checked.stdout, /^9 records make 9 rows; 0 files are rejected\.$/m);
  t.match(checked.stdout, /^2 companion files, 1 of them without a record\.$/m);
  t.match(checked.stdout, /^1 other file matches no pattern, such as readme\.md\.$/m);
  t.match(checked.stdout, /^1 file is passed over: tools keep such files for themselves\.$/m);
  t.match(checked.stdout, 'book_id,title,language,lent,pages,price,published,jpg_path');
  t.match(checked.stdout, '0,Title 0,en,true,100,0.50,2000-01-01,');

  fs.writeFileSync(path.join(folder, 'shelf', '9.csv'), `${HEADER}X, fr, true, 5, 1, 2000-01-01\n`);
  fs.writeFileSync(path.join(folder, 'shelf', '10.csv'), 'Title\nX\n');
  const faulty = landfall('check', file, folder);
  t.equal(faulty.status, 1);
  t.match(faulty.stdout, /^11 records make 9 rows; 2 files are rejected\.$/m);
  t.match(
    faulty.stdout,
    /invalid_language: 1, such as shelf\/9\.csv: line 2, column 2: "fr" is none of de, en/,
  );
  t.match(faulty.stdout, /missing_column: 1, such as shelf\/10\.csv/);
});

t.test('describe recognizes a folder per row', async (t) => {
  for (const [folders, records, scan] of [
    [['a', 'b', 'c'], '{book_id}/data.json', '{book_id}/scan.pdf'],
    [['in/a', 'in/b'], 'in/{book_id}/data.json', 'in/{book_id}/scan.pdf'],
    [['x/a', 'y/b'], '**/{book_id}/data.json', '**/{book_id}/scan.pdf'],
  ] as const) {
    const files = folders.flatMap((folder, i) => [
      [`${folder}/data.json`, JSON.stringify({ pages: i })],
      ...(i === 0 ? [[`${folder}/scan.pdf`, 'pdf']] : []),
    ]);
    const folder = makeFolder(t, { ...Object.fromEntries(files), 'other/notes.txt': 'x' });
    const described = landfall('describe', folder);
    t.match(JSON.parse(described.stdout), { records, companions: [{ name: 'scan', files: scan }] });
    const file = path.join(path.dirname(folder), 'books.json');
    fs.writeFileSync(file, described.stdout);
    const { stdout } = landfall('check', file, folder);
    t.match(stdout, `${folders.length} records make ${folders.length} rows; 0 files are rejected.`);
    t.match(stdout, /^1 companion file, 0 of them without a record\.$/m);
  }
});

t.test('a few faulty files do not change a type', async (t) => {
  const prices = Array.from({ length: 20 }, (_, i): unknown => (i === 7 ? '12.5 EUR' : i + 0.5));
  const folder = makeFolder(
    t,
    Object.fromEntries(prices.map((price, i) => [`${i}.json`, JSON.stringify({ price })])),
  );
  const fieldsOf = () => JSON.parse(landfall('describe', folder).stdout).fields;
  t.match(fieldsOf(), [{ name: 'price', type: 'decimal', scale: 1 }]);
  for (const i of [1, 2]) fs.writeFileSync(path.join(folder, `${i}.json`), JSON.stringify({ price: 'none' }));
  t.match(fieldsOf(), [{ name: 'price', type: 'string' }]);
});

t.test('describe reads the types of JSON values', async (t) => {
  const files = Object.fromEntries(
    Array.from({ length: 5 }, (_, i) => [
      `${i}.json`,
      JSON.stringify({
        name: { en: `N${i}` },
        code: `00${i}`,
        height: i,
        at: '2000-01-01T00:00:00Z',
        list: [1],
      }).replace('"height":', `"size":${i}.50,"height":`),
    ]),
  );
  const folder = makeFolder(t, files);
  const described = landfall('describe', folder);
  t.match(JSON.parse(described.stdout).fields, [
    { name: 'name_en', type: 'string', from: '/name/en' },
    { name: 'code', type: 'string' },
    { name: 'size', type: 'decimal', scale: 2 },
    { name: 'height', type: 'integer' },
    { name: 'at', type: 'timestamp', unit: 'iso' },
  ]);
  const file = path.join(path.dirname(folder), 'x.json');
  fs.writeFileSync(file, described.stdout);
  t.equal(landfall('check', file, folder).status, 0);
});

t.test('check sees links and large files as a run does', async (t) => {
  const row = `${HEADER}X, en, true, 5, 1.50, 2000-01-01\n`;
  const folder = makeFolder(t, {
    'My Books/1.csv': row,
    'My Books/large.csv': row + ' '.repeat(70_000),
    'My Books/@eaDir/1.csv': row,
    'outside.csv': row,
    'book.json': JSON.stringify({
      name: 'books',
      one: 'book',
      records: '**/{book_id}.csv',
      fields: [{ name: 'title', type: 'string', from: 'Title' }],
      companions: [{ name: 'cover', files: '**/{book_id}.jpg' }],
    }),
  });
  const books = path.join(folder, 'My Books');
  fs.symlinkSync('1.csv', path.join(books, '2.csv'));
  fs.symlinkSync('../outside.csv', path.join(books, '3.csv'));
  fs.symlinkSync('nowhere.csv', path.join(books, '4.csv'));
  fs.symlinkSync('..', path.join(books, 'loop'));
  fs.writeFileSync(path.join(books, '2.jpg'), 'a cover');
  const { status, stdout } = landfall('check', path.join(folder, 'book.json'), books);
  t.equal(status, 1);
  t.match(stdout, /^4 records make 2 rows; 2 files are rejected\.$/m);
  t.match(stdout, /^1 companion file, 0 of them without a record\.$/m);
  t.match(stdout, /^1 file is passed over/m);
  t.match(stdout, /outside_bucket: 1, such as 3\.csv/);
  t.match(stdout, /too_large: 1, such as large\.csv/);
  t.match(stdout, /^ {2}1,X,$/m);
  const linked = path.join(folder, 'link');
  fs.symlinkSync('My Books', linked);
  t.equal(
    landfall('check', path.join(folder, 'book.json'), linked).stdout,
    stdout,
    'the folder may be a link',
  );
});

t.test('describe ignores stray and broken files, and says so', async (t) => {
  const rows = Array.from({ length: 19 }, (_, i) => [
    `in/${i}/data.json`,
    JSON.stringify({ code: `00${i}`, kind: i === 3 ? 'Typo' : i % 2 ? 'x' : 'y' }),
  ]);
  const folder = makeFolder(t, {
    ...Object.fromEntries(rows),
    'in/19/data.json': '[5]',
    'in/notes.json': '{"text": 5}',
    'old.csv': 'a\n1\n',
  });
  const { stdout, stderr } = landfall('describe', folder);
  t.match(JSON.parse(stdout), {
    records: 'in/{book_id}/data.json',
    fields: [
      { name: 'code', type: 'string' },
      { name: 'kind', type: 'enum', values: ['x', 'y'] },
    ],
    statistics: [],
  });
  t.equal(stderr, 'read 19 of 20 records; ignored 3: in/notes.json does not fit in/{book_id}/data.json\n');
});

t.test('describe proposes at most five statistics, and no number with leading zeros', async (t) => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const folder = makeFolder(t, {
    '1.csv': `zip,${names.join(',')}\n12345,1,2,3,4,5,6\n`,
    '2.csv': `zip,${names.join(',')}\n01234,1,2,3,4,5,6.5\n`,
  });
  const { fields, statistics } = JSON.parse(landfall('describe', folder).stdout);
  t.match(fields[0], { name: 'zip', type: 'string' });
  t.same(statistics, names.slice(0, 5));
});

t.test('--help prints the usage', async (t) => {
  for (const args of [['--help'], ['check', '--help'], ['describe', '--help']]) {
    const expected = { status: 0, stderr: '', stdout: /^usage: landfall check FILE FOLDER/ };
    t.match(landfall(...args), expected, args.join(' '));
  }
});

t.test('wrong arguments and faulty definitions are errors that say what to do', async (t) => {
  for (const args of [[], ['check'], ['check', 'a'], ['describe'], ['describe', 'a', 'b'], ['serve', 'a']]) {
    t.match(landfall(...args), { status: 78, stderr: /usage: landfall check FILE FOLDER/ }, args.join(' '));
  }
  const folder = makeFolder(t, { 'x.txt': 'x' });
  t.match(landfall('describe', folder), { status: 78, stderr: /has no \.csv and no \.json file/ });
  t.match(landfall('describe', path.join(folder, 'none')), { status: 78, stderr: /none is not a folder/ });
  const file = path.join(folder, 'x.json');
  fs.writeFileSync(file, '{"name": 5}');
  t.match(landfall('check', file, folder), { status: 78, stderr: /\/name: must be string/ });
});
