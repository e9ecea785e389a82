import fs from 'node:fs';
import path from 'node:path';
import { USERS as DEFINITION } from '@landfall/contracts/dataset/users';
import { INGEST_ALIVE, parseIngestorAlive } from '@landfall/contracts/messages/events';
import { openStateFile } from '@landfall/state-file/state-file';
import t, { type Test } from 'tap';
import { until } from '../../../../test/_stack.ts';
import { catalogLayout } from '../../src/catalog/schema.ts';
import { type Fixture, makeFixture, record } from '../support/_ingestor.ts';

const PAGE = 4096;
const USERS = 3_000;
const FIRST = Array.from({ length: USERS }, (_, i) => `${10_000 + i}.csv`);

async function setUp(t: Test) {
  const fixture = await makeFixture(t);
  for (const key of FIRST) fixture.put(key, record('Ada', `Lovelace${key}`, 5));
  const file = path.join(fixture.stateDir, 'catalog.sqlite');
  const asides = () => fs.readdirSync(fixture.stateDir).filter((name) => name.includes('.damaged-'));
  return { ...fixture, file, asides };
}

const output = ({ processed }: Fixture): string => fs.readFileSync(processed('output.csv'), 'utf8');
const rowsOf = (fixture: Fixture): number => output(fixture).trimEnd().split('\n').length - 1;

async function codesOf({ bus }: Fixture): Promise<string[]> {
  const { conditions = [] } = parseIngestorAlive(await bus.request(INGEST_ALIVE, {}, 5_000));
  return conditions.map(({ code }) => code);
}

function overwrite(file: string, at: number, bytes: Buffer): void {
  const descriptor = fs.openSync(file, 'r+');
  fs.writeSync(descriptor, bytes, 0, bytes.length, at);
  fs.closeSync(descriptor);
}

const AT_REST: Record<string, (file: string) => void> = {
  'pages 2 to 20 zeroed': (file) => overwrite(file, PAGE, Buffer.alloc(19 * PAGE)),
  'the end zeroed': (file) => {
    const length = Math.floor(fs.statSync(file).size / PAGE / 2) * PAGE;
    overwrite(file, length, Buffer.alloc(length));
  },
  'a folder in its place': (file) => {
    fs.rmSync(file);
    fs.mkdirSync(file);
  },
  'a foreign database with our version': (file) => {
    fs.rmSync(file);
    const { schemaVersion } = catalogLayout(DEFINITION);
    openStateFile(file, { schemaVersion, schema: 'CREATE TABLE other (x)' }, () => undefined).close();
  },
};

for (const [what, harm] of Object.entries(AT_REST)) {
  t.test(
    `a catalog damaged while the ingestor is stopped is rebuilt: ${what}`,
    { timeout: 120_000 },
    async (t) => {
      const fixture = await setUp(t);
      await fixture.start();
      t.equal(rowsOf(fixture), USERS);
      await fixture.stop();
      harm(fixture.file);
      fixture.remove('10000.csv');
      fixture.put('new.csv', record('Grace', 'Hopper', 7));
      await fixture.start();
      await until(
        'a catalog',
        async () => fixture.asides().length,
        (count) => count > 0,
      );
      await until(
        'the rows',
        async () => output(fixture),
        (text) => text.includes('Grace') && !text.includes('\n10000,'),
      );
      await until(
        'sound',
        () => codesOf(fixture),
        (codes) => codes.length === 0,
      );
      t.equal(rowsOf(fixture), USERS);
      t.ok(openIsSound(fixture.file));
    },
  );
}

const IN_USE: Record<string, (file: string) => void> = {
  'the header overwritten': (file) => overwrite(file, 0, Buffer.alloc(100, 'x')),
  'the file removed': (file) => fs.rmSync(file),
};

for (const [what, harm] of Object.entries(IN_USE)) {
  t.test(`a catalog damaged while it is open is rebuilt: ${what}`, { timeout: 120_000 }, async (t) => {
    const fixture = await setUp(t);
    await fixture.start();
    await fixture.stop();
    // A run that changes nothing: writes could repair the header by chance.
    await fixture.start();
    harm(fixture.file);
    const isThere = async () =>
      what.includes('removed') ? fs.existsSync(fixture.file) : fixture.asides().length > 0;
    await until('another file', isThere, Boolean);
    await until(
      'sound',
      () => codesOf(fixture),
      (codes) => codes.length === 0,
    );
    fixture.put('new.csv', record('Grace', 'Hopper', 7));
    t.match(await fixture.run(), { status: 'succeeded' });
    t.equal(rowsOf(fixture), USERS + 1);
  });
}

function openIsSound(file: string): boolean {
  // Read without SQLite: the ingestor keeps the file open.
  return fs.readFileSync(file).subarray(0, 15).toString() === 'SQLite format 3';
}
