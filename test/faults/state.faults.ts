import fs from 'node:fs';
import path from 'node:path';
import { ownNatsIsMissing } from '@landfall/test-servers/nats-server';
import { ownS3IsMissing } from '@landfall/test-servers/s3-server';
import t from 'tap';
import { openChanges } from './_changes.ts';
import { type FaultFixture, type FaultProcess, makeFaultFixture, untilHolds } from './_fault-fixture.ts';
import { rounds } from './_rounds.ts';

const skip = ownNatsIsMissing() ?? ownS3IsMissing() ?? false;

/** The services of a fixture, and what damages their state. */
interface Services {
  fixture: FaultFixture;
  ingestor: FaultProcess;
  query: FaultProcess;
}

/** Overwrites pages of a SQLite file, or all of it. */
function damage(file: string, how: 'zeroed' | 'random' | 'header' | 'gone' | 'folder' | 'foreign'): void {
  const size = fs.existsSync(file) ? fs.statSync(file).size : 0;
  if (how === 'zeroed') overwrite(file, 4_096, Buffer.alloc(Math.min(19 * 4_096, Math.max(0, size - 4_096))));
  if (how === 'random')
    overwrite(file, 0, Buffer.from(Array.from({ length: size }, (_, i) => (i * 7919 + 13) % 256)));
  if (how === 'header') overwrite(file, 0, Buffer.from('no database at all'.padEnd(100, '!')));
  if (how === 'gone' || how === 'folder')
    for (const end of ['', '-wal', '-shm']) fs.rmSync(file + end, { force: true });
  if (how === 'folder') fs.mkdirSync(file);
  if (how === 'foreign') fs.writeFileSync(file, 'a text file of somebody else\n'.repeat(400));
}

function overwrite(file: string, at: number, bytes: Buffer): void {
  const handle = fs.openSync(file, 'r+');
  fs.writeSync(handle, bytes, 0, bytes.length, at);
  fs.closeSync(handle);
}

const HOW = ['zeroed', 'random', 'header', 'gone', 'folder', 'foreign'] as const;
const files = ({ ingestor, query }: Services): [FaultProcess, string][] => [
  [ingestor, path.join(ingestor.stateDir, 'catalog.sqlite')],
  [query, path.join(query.stateDir, 'data-set.sqlite')],
];

async function start(t: Parameters<typeof makeFaultFixture>[0]) {
  const fixture = await makeFaultFixture(t);
  const changes = openChanges(fixture, 120);
  await changes.fill();
  const ingestor = await fixture.ingestor('ingestor');
  ingestor.start();
  fixture.query.start();
  await fixture.untilMirrored('at the start');
  return { fixture, changes, ingestor, query: fixture.query };
}

t.test('databases are damaged while the services are stopped', { skip }, async (t) => {
  const services = await start(t);
  const { fixture, changes } = services;
  for (const how of HOW) {
    for (const [service, file] of files(services)) {
      await service.end(fixture.random.pick(['SIGKILL', 'SIGTERM']));
      damage(file, how);
      for (let i = 0; i < 5; i++) await changes.one();
      service.start();
      await fixture.untilMirrored(`${service.name}: ${path.basename(file)} ${how}`);
      fixture.checkLineage();
      t.equal(service.isRunning(), true, 'it lives');
    }
  }
});

t.test('databases are damaged while the services run', { skip }, async (t) => {
  const services = await start(t);
  const { fixture, changes } = services;
  for (const how of ['zeroed', 'header', 'gone'] as const) {
    for (const [service, file] of files(services)) {
      damage(file, how);
      for (let i = 0; i < 5; i++) await changes.one();
      await fixture.post();
      await fixture.untilMirrored(`${service.name}: ${path.basename(file)} ${how} while running`);
      fixture.checkLineage();
      t.equal(service.isRunning(), true, 'it lives');
    }
  }
});

t.test('the processed bucket is changed by others', { skip }, async (t) => {
  const { fixture, changes, ingestor, query } = await start(t);
  const { random, processed } = fixture;
  const manifestOf = () => JSON.parse(fs.readFileSync(processed('manifest.json'), 'utf8'));
  const put = async (key: string, text: string): Promise<void> =>
    void (await fixture.store.put(fixture.processedBucket, key, Buffer.from(text)));
  const remove = async (prefix: string): Promise<void> => {
    for await (const page of fixture.store.list(fixture.processedBucket, prefix)) {
      for (const { key } of page) await fixture.store.remove(fixture.processedBucket, key);
    }
  };
  const change: Record<string, () => Promise<void>> = {
    'output.csv is deleted': () => remove('output.csv'),
    'output.csv is overwritten': () => put('output.csv', 'rubbish\n'),
    'rejects.csv is deleted': () => remove('rejects.csv'),
    'datapackage.json is deleted': () => remove('datapackage.json'),
    'datasets/ is deleted': () => remove('datasets/'),
    'deltas/ is deleted': () => remove('deltas/'),
    'the manifest is rubbish': () => put('manifest.json', 'rubbish'),
    'the manifest is empty': () => put('manifest.json', ''),
    'the manifest is deleted': () => remove('manifest.json'),
    'all is deleted': () => remove(''),
  };
  for (let round = 1; round <= rounds(1, 5); round++) {
    for (const [what, act] of Object.entries(change)) {
      const { generation } = manifestOf();
      const isStopped = random.chance(0.3);
      if (isStopped) await ingestor.end('SIGKILL');
      await act();
      if (random.chance(0.5)) for (let i = 0; i < 3; i++) await changes.one();
      if (isStopped) ingestor.start();
      else await fixture.post();
      await fixture.untilMirrored(what);
      t.ok(manifestOf().generation >= generation, `${what}: the generation does not fall`);
      for (const name of ['rejects.csv', 'datapackage.json']) {
        await untilHolds(`${what}: ${name} is there`, async () =>
          fs.existsSync(processed(name)) ? undefined : 'missing',
        );
      }
      fixture.checkLineage();
    }
  }
  t.equal(ingestor.isRunning() && query.isRunning(), true);
});

t.test('an older manifest is restored', { skip }, async (t) => {
  const { fixture, changes, ingestor } = await start(t);
  const { random, processed } = fixture;
  for (let round = 1; round <= rounds(2, 20); round++) {
    const old = fs.readFileSync(processed('manifest.json'));
    for (let i = 0; i < 5; i++) await changes.put(`round${round}-${i}`);
    await fixture.post();
    await fixture.untilMirrored(`round ${round}: five more`);
    const newest = JSON.parse(fs.readFileSync(processed('manifest.json'), 'utf8')).generation;
    const isStopped = random.chance(0.5);
    if (isStopped) await ingestor.end('SIGKILL');
    fixture.expectOlder();
    await fixture.store.put(fixture.processedBucket, 'manifest.json', old);
    if (isStopped && random.chance(0.5)) fs.rmSync(ingestor.stateDir, { recursive: true, force: true });
    if (isStopped) ingestor.start();
    else await fixture.post();
    await fixture.untilMirrored(`round ${round}: an older manifest was put back`);
    const { generation } = JSON.parse(fs.readFileSync(processed('manifest.json'), 'utf8'));
    t.ok(generation > newest, `generation ${generation} is above ${newest}`);
    fixture.checkLineage();
  }
});

t.test('the catalog is lost and a bit of the snapshot is flipped', { skip }, async (t) => {
  const { fixture, ingestor } = await start(t);
  const { random, processed } = fixture;
  for (let round = 1; round <= rounds(1, 10); round++) {
    await ingestor.end('SIGKILL');
    fs.rmSync(ingestor.stateDir, { recursive: true, force: true });
    const { snapshot } = JSON.parse(fs.readFileSync(processed('manifest.json'), 'utf8'));
    const bytes = fs.readFileSync(processed(snapshot.key));
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(7));
    fs.writeFileSync(processed(snapshot.key), random.chance(0.5) ? bytes : bytes.subarray(0, at));
    ingestor.start();
    await fixture.untilMirrored(`round ${round}: flipped at byte ${at}`);
    fixture.checkLineage();
  }
});
