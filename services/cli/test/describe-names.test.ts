import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { RESERVED_NAMES } from '@landfall/contracts/definition/api-names';
import { parseDefinition } from '@landfall/contracts/definition/parse-definition';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { checkFolder } from '../src/check-folder.ts';
import { describeFolder } from '../src/describe-folder.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-names-'));
t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
let folders = 0;

/** Describes a folder of this name, and checks the description with its files. */
async function describe(name: string, files: Record<string, string>) {
  const folder = path.join(root, String(folders++), name);
  for (const [file, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), content);
  }
  const { description, notes, faults } = await describeFolder(folder);
  if (faults.length > 0) return { description, notes, faults, rejects: undefined };
  const definition = parseDefinition(JSON.stringify(description), 'description');
  const { rejects, rows } = await checkFolder(definition, folder, 0);
  return { description, notes, faults, rejects, rows };
}

/** Checks that the description is accepted and that the files fit. */
async function fits(t: Test, what: string, name: string, files: Record<string, string>) {
  const found = await describe(name, files);
  t.same([found.faults, found.rejects], [[], []], what);
  return found;
}

const csv = (columns: readonly (readonly [name: string, value: string])[]) =>
  `${columns.map(([name]) => name).join()}\n${columns.map(([, value]) => value).join()}\n`;

/** Names that the API derives for the columns `pages`, `day` and the companion `jpg` of a data set `books`. */
const DERIVED = [
  ...['book_id', 'book', 'pages', 'min_pages', 'max_pages', 'average_pages', 'median_pages', 'sum_pages'],
  ...['with_pages', 'is_pages_exists', 'day', 'day_after', 'day_before', 'jpg', 'jpg_path', 'is_jpg_exists'],
  ...['with_jpg', 'from', 'to', 'duplicate_book', 'invalid_pages', 'Generation', 'COUNT', 'id'],
];

t.test('reserved names as CSV headers, one by one and together, as numbers and as texts', async (t) => {
  for (const name of [...RESERVED_NAMES, ...DERIVED]) {
    const { description } = await fits(t, name, 'books', { 'a.csv': csv([[name, '5']]), 'a.jpg': 'x' });
    t.equal(description.fields[0]?.from ?? description.fields[0]?.name, name);
  }
  for (const value of ['5', 'x', '2000-01-01', 'true', '']) {
    const columns = [...RESERVED_NAMES, ...DERIVED].map((name) => [name, value] as const);
    const files = { 'a.csv': csv([['title', 'x'], ...columns]), 'b.csv': csv([['title', 'y'], ...columns]) };
    await fits(t, `all as ${value}`, 'books', { ...files, 'a.jpg': 'x', 'a.min_pages': 'x' });
  }
});

t.test('reserved names as JSON members, as companions, and of folders', async (t) => {
  const values = Object.fromEntries([...RESERVED_NAMES, ...DERIVED, ''].map((name, i) => [name, i]));
  const record = JSON.stringify({ ...values, nested: values });
  await fits(t, 'members', 'books', { 'a.json': record, 'b.json': record });
  for (const [i, name] of [...RESERVED_NAMES, 'data', 'data_path', 'Scan'].entries()) {
    const files = { [`a/${name}.pdf`]: 'x', [`a/${name}.txt`]: 'x', [`b/${name}.PDF`]: 'x' };
    const records: Record<string, string> =
      i % 2
        ? { 'a/data.json': '{"x":1}', 'b/data.json': '{"x":2}' }
        : { 'a/d.CSV': 'x\n1\n', 'b/d.CSV': 'x\n2\n' };
    await fits(t, `companions ${name}`, 'books', { ...records, ...files });
  }
  for (const name of [
    'changes',
    'generations',
    'keys',
    's',
    'ss',
    'a_s',
    '2024',
    'héhé',
    '日本',
    'x'.repeat(60),
  ]) {
    await fits(t, `folder ${name}`, name, { 'a.csv': 'title\nx\n', 'b.csv': 'title\ny\n' });
  }
});

t.test('what cannot be declared is left out, and reported', async (t) => {
  const many = Array.from({ length: 120 }, (_, i) => [`c${i}`, '1'] as const);
  const { notes } = await fits(t, '120 columns', 'books', { 'a.csv': csv(many) });
  t.same(notes, ['20 fields are left out: a definition has at most 100']);
  const long = `x${'y'.repeat(1_000)}`;
  const headers = csv([
    [long, '1'],
    ['', '2'],
    ['A', '3'],
    ['a', '4'],
  ]);
  const found = await fits(t, 'other headers', 'books', { 'a.csv': headers });
  t.same(found.notes, [`${long.slice(0, 100)} is left out`]);
  t.match(found.description.fields, [
    { name: 'a', from: 'A' },
    { name: 'a_2', from: 'a' },
  ]);
  const extensions = Array.from({ length: 12 }, (_, i) => [`a.x${i}`, 'x']);
  await fits(t, '12 companions', 'books', { 'a.csv': 'b\n1\n', ...Object.fromEntries(extensions) });
  const enums = Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [`${i}.csv`, `k\n${i % 2 ? 'e\u0301' : 'f'}\n`]),
  );
  const { description } = await fits(t, 'an enum with an accent', 'books', enums);
  t.match(description.fields, [{ type: 'enum', values: ['f', 'é'] }]);
  const large = await fits(t, 'a large record', 'books', { 'a.csv': `b\n${'x'.repeat(100_000)}\n` });
  t.equal(large.description.max_bytes, 1_048_576);
  const empty = await describe('books', { 'a.json': '{}' });
  t.match(empty.faults, [{ pointer: '/fields' }], 'a person has to declare fields');
});

t.test('any headers make a definition that is accepted', async (t) => {
  const words = ['min', 'max', 'is', 'exists', 'with', 'pages', 'value', 'file', 'path', 'after', 'a', '2'];
  const header = fc.oneof(
    fc.constantFrom(...RESERVED_NAMES, ...DERIVED),
    fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('_')),
  );
  const value = fc.constantFrom('1', '2.5', 'x', '2000-01-01', 'true');
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(header, value), { selector: ([name]) => name, minLength: 1, maxLength: 12 }),
      fc.uniqueArray(fc.constantFrom('jpg', 'pages', 'min', 'a', 'key'), { maxLength: 3 }),
      async (columns, extensions) => {
        const companions = extensions.map((extension) => [`a.${extension}`, 'x']);
        await fits(t, JSON.stringify(columns), 'books', {
          'a.csv': csv(columns),
          ...Object.fromEntries(companions),
        });
      },
    ),
    { numRuns: 100 },
  );
});
