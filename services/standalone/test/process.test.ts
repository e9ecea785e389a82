import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { STOP_WITHIN_S } from '@landfall/process/stop';
import t from 'tap';
import { ask, until } from '../../../test/_stack.ts';
import { start, temporary } from './_process.ts';

const SEED = fileURLToPath(new URL('../../../datasets/users', import.meta.url));
/** A real sample, if present. Its headers have blanks after the commas. */
const SAMPLE = fileURLToPath(new URL('../../../../shared/data/src-data', import.meta.url));

t.test('the first start adds the demo data and serves it', async (t) => {
  const folder = temporary(t);
  const started = start(t, { DATA_DIR: folder });
  const address = await started.address();
  const [records, images] = [seedFiles('.csv'), seedFiles('.png')];
  t.match(
    started.printed(),
    `Added ${records.length + images.length} demo files to ${path.join(folder, 'src-data')}.`,
  );
  t.match(
    started.printed(),
    new RegExp(`Ingested ${records.length + images.length} files .*: ${records.length} users\\.`),
  );
  t.match(started.printed(), `curl '${address}/data/ada'`);
  t.match(await json(`${address}/stats`), { count: records.length });
  const users = await usersAt(address);
  t.equal(users.length, records.length);
  const withImage = users.filter(({ img_path: image }) => image !== null);
  t.equal(withImage.length, images.length - 1, 'and one image is an orphan');
  t.equal(withImage.length, records.length * 0.8, 'a fifth have none');
  t.same(await json(`${address}/rejects`), []);
  t.match(await json(`${address}/runs`), [{ trigger: 'start', orphan_images: 1 }]);
  t.equal((await fetch(`${address}/docs`)).status, 200);
  t.equal(await started.end('SIGINT'), 0);

  fs.rmSync(path.join(folder, 'src-data', '1000.csv'));
  const again = start(t, { DATA_DIR: folder });
  t.equal((await usersAt(await again.address())).length, records.length - 1);
  t.notMatch(again.printed(), 'demo files', 'a folder that is not empty is left as it is');
  t.equal(await again.end('SIGTERM'), 0);
});

t.test(
  'a file that is dropped, changed, moved or removed is served so, without being asked for',
  async (t) => {
    const folder = temporary(t);
    const started = start(t, { DATA_DIR: folder });
    const address = await started.address();
    const file = (name: string) => path.join(folder, 'src-data', name);
    const served = (user: string, wanted: object) =>
      until(
        user,
        () => ask<object>(`${address}/data/${user}`),
        ({ status, body }) => matches({ status, ...body }, wanted),
      );
    fs.writeFileSync(file('ada.csv'), 'first_name, last_name, birthts\nAda, Lovelace, -4861728000000\n');
    await served('ada', { status: 200, first_name: 'Ada', img_path: null });
    fs.writeFileSync(file('ada.jpg'), 'a face');
    await served('ada', { status: 200, img_path: 'src-data/ada.jpg' });
    fs.writeFileSync(file('ada.csv'), 'broken');
    const rejects = await until(
      'rejects',
      () => ask<object[]>(`${address}/rejects`),
      ({ body }) => body?.length === 1,
    );
    t.match(rejects.body, [{ key: 'ada.csv', reason: 'missing_column', kept_previous: true }]);
    fs.mkdirSync(file('people'));
    fs.renameSync(file('ada.csv'), file('people/ada.csv'));
    fs.writeFileSync(file('people/ada.csv'), 'first_name, last_name, birthts\nAda, King, -4861728000000\n');
    await served('ada', { status: 200, last_name: 'King' });
    fs.rmSync(file('people/ada.csv'));
    await served('ada', { status: 404 });
    t.match(await json(`${address}/runs`), [{ trigger: 'bucket', removed: 1 }]);
    t.equal(await started.end('SIGTERM'), 0);
  },
);

t.test('no demo data is added where anything was published', async (t) => {
  const folder = temporary(t);
  const [source, elsewhere] = [path.join(folder, 'src-data'), path.join(folder, 'elsewhere')];
  const started = start(t, { DATA_DIR: folder, SEED_DEMO: 'false' });
  t.equal((await usersAt(await started.address())).length, 0, 'nor where that is switched off');
  t.equal(await started.end('SIGTERM'), 0);
  for (let i = 1_000; i < 1_110; i++) {
    fs.writeFileSync(path.join(source, `${i}.csv`), 'first_name, last_name, birthts\nReal, Person, 5\n');
  }
  const filled = start(t, { DATA_DIR: folder });
  const users = await usersAt(await filled.address());
  t.equal(users.length, 110);
  t.equal(await filled.end('SIGTERM'), 0);

  // The disk is not mounted, or something else is there.
  fs.renameSync(source, elsewhere);
  for (const take of [() => fs.mkdirSync(source), () => fs.writeFileSync(source, 'no folder')]) {
    fs.rmSync(source, { recursive: true, force: true });
    take();
    const again = start(t, { DATA_DIR: folder });
    t.same(await usersAt(await again.address()), users, 'what was published is served');
    t.notMatch(again.printed(), 'demo files');
    t.equal(await again.end('SIGTERM'), 0);
  }
  fs.rmSync(source);
  fs.mkdirSync(source);
  fs.rmSync(path.join(folder, 'processed-data'), { recursive: true });
  const wiped = start(t, { DATA_DIR: folder });
  t.same(await usersAt(await wiped.address()), users, 'though only the state is left');
  t.same(fs.readdirSync(source), []);
  t.equal(await wiped.end('SIGTERM'), 0);
});

t.test('Ctrl-C during the first run stops in time', { timeout: 120_000 }, async (t) => {
  const folder = temporary(t);
  const source = path.join(folder, 'src-data');
  fs.mkdirSync(source);
  const text = 'first_name, last_name, birthts\nAda, Lovelace, 5\n';
  for (let i = 0; i < 20_000; i++) fs.writeFileSync(path.join(source, `${i}.csv`), text);
  const started = start(t, { DATA_DIR: folder });
  const catalog = path.join(folder, 'state', 'catalog.sqlite');
  await until('the first run', async () => fs.existsSync(catalog), Boolean);
  const begin = performance.now();
  t.match(await started.end('SIGINT'), /^[01]$/);
  const ms = performance.now() - begin;
  // What a loaded machine may add.
  t.ok(ms < STOP_WITHIN_S * 1_000 + 5_000, `${Math.round(ms)} ms`);
});

t.test('a port in use is reported, and nothing is written', async (t) => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const folder = temporary(t);
  const started = start(t, { DATA_DIR: folder, PORT: String(port) });
  t.equal(await started.ended, 78);
  t.match(started.printed(), new RegExp(`EADDRINUSE.*${port}.*settings HOST and PORT`));
  t.same(fs.readdirSync(path.join(folder, 'src-data')), []);
});

t.test('a folder that another process uses is refused and unchanged', async (t) => {
  const [folder, other] = [temporary(t), temporary(t)];
  const first = start(t, { DATA_DIR: folder });
  const address = await first.address();
  const second = start(t, { DATA_DIR: folder, STATE_DIR: path.join(other, 'state') });
  t.equal(await second.ended, 78);
  t.match(second.printed(), `DATA_DIR (${folder}) is used by another process: stop that one`);
  const third = start(t, { DATA_DIR: other, STATE_DIR: path.join(folder, 'state') });
  t.equal(await third.ended, 78);
  t.match(third.printed(), `STATE_DIR (${path.join(folder, 'state')}) is used by another process`);
  const users = (await usersAt(address)).length;
  await first.end('SIGKILL');
  const again = start(t, { DATA_DIR: folder });
  t.equal((await usersAt(await again.address())).length, users, 'after a kill the folder is free');
  t.equal(await again.end('SIGTERM'), 0);
});

t.test('all invalid settings are reported at once', async (t) => {
  const started = start(t, {
    DATA_DIR: temporary(t),
    PORT: 'eighty',
    INGEST_EVERY_MINUTES: '0',
    LOG_LEVEL: 'loud',
  });
  t.equal(await started.ended, 78);
  for (const name of ['PORT', 'INGEST_EVERY_MINUTES', 'LOG_LEVEL'])
    t.match(started.printed(), new RegExp(`- ${name} is `));
});

t.test('tokens: a bad list ends it, and SIGHUP reads a good one again', async (t) => {
  const folder = temporary(t);
  const file = path.join(folder, 'tokens');
  fs.writeFileSync(file, '# nobody yet\n');
  const settings = {
    DATA_DIR: path.join(folder, 'data'),
    API_TOKENS_FILE: file,
    SEED_DEMO: 'false',
    LOG_LEVEL: 'info',
  };
  const refused = start(t, settings);
  t.equal(await refused.ended, 78);
  t.match(refused.printed(), 'line 2: the list ends and has no token');
  fs.writeFileSync(file, `ada:read:${'0'.repeat(64)}\n`);
  const started = start(t, settings);
  const address = await started.address();
  t.equal((await fetch(`${address}/data`)).status, 401);
  t.equal((await fetch(`${address}/healthz`)).status, 200);
  process.kill(started.pid, 'SIGHUP');
  await started.prints(/the token list was read again: 1 tokens/);
  t.equal(await started.end('SIGTERM'), 0);
});

const skip = fs.existsSync(SAMPLE) ? false : 'the sample is missing';
t.test('a sample of 100 records with images', { skip }, async (t) => {
  const folder = temporary(t);
  fs.cpSync(SAMPLE, path.join(folder, 'src-data'), { recursive: true });
  const started = start(t, { DATA_DIR: folder });
  const users = await usersAt(await started.address());
  const expected = fs
    .readdirSync(SAMPLE)
    .filter((name) => name.endsWith('.csv'))
    .sort()
    .map((name) => {
      const [header, row = ''] = fs.readFileSync(path.join(SAMPLE, name), 'utf8').trim().split('\n');
      t.equal(header, 'first_name, last_name, birthts', name);
      const [first_name, last_name, birthts] = row.split(', ');
      const user_id = name.slice(0, -'.csv'.length);
      return {
        user_id,
        first_name,
        last_name,
        birthts: Number(birthts),
        img_path: `src-data/${user_id}.png`,
      };
    });
  t.equal(expected.length, 100);
  t.same(users, expected);
  for (const { user_id: id } of expected) {
    const image = await fetch(`${await started.address()}/data/${id}/image`);
    t.ok(Buffer.from(await image.arrayBuffer()).equals(fs.readFileSync(path.join(SAMPLE, `${id}.png`))), id);
  }
});

/** Whether what is wanted is there. */
const matches = (found: object, wanted: object): boolean =>
  Object.entries(wanted).every(([name, value]) =>
    Object.entries(found).some(([n, v]) => n === name && v === value),
  );

const seedFiles = (extension: string) => fs.readdirSync(SEED).filter((name) => name.endsWith(extension));

interface Row {
  user_id: string;
  img_path: string | null;
}

async function json(url: string): Promise<unknown> {
  return JSON.parse(await (await fetch(url)).text());
}

async function usersAt(address: string): Promise<Row[]> {
  const users: Row[] = JSON.parse(await (await fetch(`${address}/data`)).text());
  return users;
}
