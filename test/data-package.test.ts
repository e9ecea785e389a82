import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { USERS } from '@landfall/contracts/dataset/users';
import { parseDefinition } from '@landfall/contracts/definition/parse-definition';
import { findProgram } from '@landfall/test-servers/server-process';
import t from 'tap';
import { makeFolder, serveFiles } from './_serve-definition.ts';

const frictionless = findProgram('frictionless');
const skip = frictionless === undefined && 'no frictionless (pip install frictionless==5.21.0)';

/** A field of each type, once optional and once not. */
const TYPES = [
  { type: 'string' },
  { type: 'enum', values: ['red', 'dark blue', '"odd", \\'] },
  { type: 'boolean' },
  { type: 'integer', minimum: -5, maximum: Number.MAX_SAFE_INTEGER },
  { type: 'decimal', scale: 2, minimum: 0.07, maximum: 1.1 },
  { type: 'date', past: true },
  { type: 'timestamp', unit: 'ms' },
  { type: 'timestamp', unit: 's' },
  { type: 'timestamp', unit: 'iso' },
];
const nameOf = ({ type, unit = '' }: { type: string; unit?: string }) => `${type}_${unit}`.replace(/_$/, '');
const SAMPLES = parseDefinition(
  JSON.stringify({
    name: 'lab_samples',
    one: 'sample',
    description: 'A value of each type',
    records: '**/{sample_id}.json',
    fields: TYPES.flatMap((type) => [
      { name: nameOf(type), ...type },
      { name: `optional_${nameOf(type)}`, ...type, optional: true },
    ]),
    companions: [{ name: 'photo', files: '**/{sample_id}.{jpg,png}' }],
  }),
  'samples.json',
);

const VALUES = [
  ['plain', 'NA', 'a, "b"\r\n  c', 'ü 😀', "=1+1'"],
  ['red', 'dark blue', '"odd", \\', 'red', 'red'],
  [true, false, 1, 0, true],
  [-5, 0, 1, Number.MAX_SAFE_INTEGER, 5],
  [0.07, 1.1, 1, 0.5, 0.29],
  ['0001-01-01', '2000-02-29', '1969-12-31', '2024-12-31', '1582-10-10'],
  [-8.64e15, 0, 1, 8.64e15, -1],
  [-8.64e12, 0, 1, 8.64e12, -1],
  [
    '1000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '2024-02-29T12:00:00+05:30',
    '1970-01-01T00:00:00.5Z',
    '2001-09-09T01:46:40Z',
  ],
];

/** Records in which each value of each type occurs, with all optional values, none, and some. */
function sampleFiles(): Record<string, string> {
  const files: Record<string, string> = { 's1.jpg': 'a photo' };
  for (let i = 0; i < 5; i++) {
    const record: Record<string, unknown> = {};
    for (const [j, type] of TYPES.entries()) {
      record[nameOf(type)] = VALUES[j]?.[i];
      if (i === 0 || (i > 1 && (i + j) % 3 > 0)) record[`optional_${nameOf(type)}`] = VALUES[j]?.[4 - i];
    }
    files[`s${i}.json`] = `${JSON.stringify(record)}\n`;
  }
  return files;
}

const USER_FILES = {
  '1000.csv': 'first_name, last_name, birthts\nAda, "Lovelace, ""Countess""", -4861728000000\n',
  '1000.png': 'a face',
  'team/1001.csv': 'first_name, last_name, birthts\nAlan, Turing, 0\n',
};

t.test('frictionless accepts the published package and reads typed rows', { skip }, async (t) => {
  for (const [definition, files, rows] of [
    [USERS, USER_FILES, 2],
    [SAMPLES, sampleFiles(), 5],
  ] as const) {
    await t.test(definition.name, async (t) => {
      const folder = makeFolder(t, files);
      const { report, ask } = await serveFiles(t, folder, definition);
      t.match(report, { status: 'succeeded', added: rows, rejected: 0 });
      const processed = path.join(folder, 'processed');
      t.match(await validate(processed), { valid: true, tasks: [{ stats: { rows } }] });

      const { [definition.name]: typed } = await run(['extract', '--json'], processed);
      t.same(typed, asWritten(definition, (await ask('/data')).json()), 'the rows of the API');
    });
  }
});

t.test('frictionless refuses data that the package does not describe', { skip }, async (t) => {
  const folder = makeFolder(t, sampleFiles());
  const { published, stop } = await serveFiles(t, folder, SAMPLES);
  await stop();
  let text = published('output.csv');
  const errors: [string, string, type: string][] = [
    [',true,', ',TRUE,', 'type-error'],
    [',0.07,', ',0.06,', 'constraint-error'],
    [',red,', ',green,', 'constraint-error'],
    ['s2,', 's1,', 'primary-key'],
  ];
  for (const [right, wrong] of errors) text = text.replace(right, wrong);
  const processed = path.join(folder, 'processed');
  fs.writeFileSync(path.join(processed, 'output.csv'), text);
  const { valid, tasks } = await validate(processed);
  t.equal(valid, false);
  const found: string[] = tasks[0].errors.map(({ type }: { type: string }) => type);
  t.same(found.toSorted(), errors.map(([, , type]) => type).toSorted());
});

const validate = (folder: string) => run(['validate', '--json'], folder);

/** Runs frictionless on the package of a folder. Its exit code 1 means that the data is not valid. */
async function run(args: readonly string[], folder: string) {
  const [command = '', ...options] = args;
  const program = promisify(execFile)(frictionless ?? '', [command, 'datapackage.json', ...options], {
    cwd: folder,
    env: { ...process.env, PYTHONUTF8: '1' },
  });
  const { stdout } = await program.catch((error: { code: unknown; stdout: string }) => {
    if (error.code === 1 && error.stdout !== '') return error;
    throw error;
  });
  return JSON.parse(stdout);
}

/**
 * The rows of the API as frictionless writes them: decimals as text with all digits, times without fractions, and years without leading
 * zeros.
 */
function asWritten({ fields }: Definition, rows: Record<string, unknown>[]): object[] {
  return rows.map((row) => {
    const written = { ...row };
    for (const field of fields) {
      const value = row[field.name];
      if (typeof value === 'number' && field.type === 'decimal')
        written[field.name] = value.toFixed(field.scale);
      if (typeof value !== 'string') continue;
      if (field.type === 'date') written[field.name] = value.replace(/^0+/, '');
      if (field.type === 'timestamp') written[field.name] = value.replace(/\.\d+Z$/, 'Z');
    }
    return written;
  });
}
