import fs from 'node:fs';
import t from 'tap';
import { tableRows } from './_markdown.ts';

const ARCHITECTURE = fs.readFileSync(new URL('../docs/architecture.md', import.meta.url), 'utf8');
const ROOT = new URL('../', import.meta.url);
const isTest = (file: string) => /\.test\.ts$|\.contract\.ts$|\/test\/|\/_/.test(file);

/** The files of the program, with what they import. */
const files = fs
  .globSync(['{packages,services}/*/src/**/*.ts', 'services/query/dashboard/**/*.js'], { cwd: ROOT })
  .filter((file) => !isTest(file))
  .map((file) => ({ file, imports: importsOf(fs.readFileSync(new URL(file, ROOT), 'utf8')) }));

const benchmarks = fs
  .globSync('bench/**/*.ts', { cwd: ROOT })
  .map((file) => ({ file, imports: importsOf(fs.readFileSync(new URL(file, ROOT), 'utf8')) }));

t.test('a package imports only what its row allows', async (t) => {
  const allowed = new Map(
    tableRows(ARCHITECTURE, 'Who may import whom').map(([importer = '', may = '']) => [
      bare(importer),
      names(may),
    ]),
  );
  t.same(
    [...new Set(files.map(({ file }) => packageOf(file)))].sort(),
    [...allowed.keys()].sort(),
    'all are there',
  );
  for (const { file, imports } of files) {
    const others = imports
      .filter((name) => name.startsWith('@landfall/'))
      .map((name) => name.split('/')[1] ?? '')
      .filter((name) => name !== packageOf(file));
    const forbidden = others.filter((name) => !allowed.get(packageOf(file))?.includes(name));
    t.same(forbidden, [], file);
  }
});

for (const [service, heading] of [
  ['ingestor', 'Rooms of the ingestor'],
  ['query', 'Rooms of the query service'],
] as const) {
  t.test(`a room of the ${service} imports only what its row allows`, async (t) => {
    const prefix = `services/${service}/src/`;
    const rooms = new Map(
      tableRows(ARCHITECTURE, heading).map(([room = '', , may = '']) => [roomName(room), names(may)]),
    );
    const inRooms = files.filter(({ file }) => file.startsWith(prefix) && roomOf(file, prefix) !== '');
    t.same(
      [...new Set(inRooms.map(({ file }) => roomOf(file, prefix)))].sort(),
      [...rooms.keys()].sort(),
      'all rooms are in the table',
    );
    for (const { file, imports } of inRooms) {
      const room = roomOf(file, prefix);
      const forbidden = imports
        .map((name) => resolved(file, name) ?? '')
        .filter((path) => path.startsWith(prefix))
        .map((path) => roomOf(path, prefix))
        .filter((other) => other !== room && !rooms.get(room)?.includes(other));
      t.same(forbidden, [], file);
    }
  });
}

t.test('no import circles between rooms', async (t) => {
  for (const heading of ['Rooms of the ingestor', 'Rooms of the query service']) {
    const above = new Set<string>();
    for (const [room = '', , may = ''] of tableRows(ARCHITECTURE, heading)) {
      t.same(
        names(may).filter((other) => !above.has(other)),
        [],
        `${room} imports only rooms that stand above it in the table`,
      );
      above.add(roomName(room));
    }
  }
});

t.test('at most 15 files in a folder, tests not counted', async (t) => {
  const counts = new Map<string, number>();
  for (const { file } of [...files, ...benchmarks]) {
    const folder = file.slice(0, file.lastIndexOf('/'));
    if (!isTest(file)) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  for (const [folder, count] of counts) t.ok(count <= 15, `${folder}: ${count}`);
});

t.test('services know the ports, not the adapters', async (t) => {
  const adapters =
    /^@landfall\/(?:object-store\/(?:s3-store|directory-store|s3\/.+|directory\/.+)|event-bus\/(?:nats|in-process)\/.+)$/;
  const knowing = files.filter(({ imports }) => imports.some((name) => adapters.test(name)));
  const elsewhere = knowing.map(({ file }) => file).filter((file) => !file.startsWith('services/seeder/'));
  t.same(elsewhere.sort(), [
    'packages/stack/src/connect.ts',
    'packages/stack/src/nats-access.ts',
    'services/cli/src/folder-files.ts',
    'services/standalone/src/locks.ts',
    'services/standalone/src/ports.ts',
  ]);
});

t.test('no file reaches into another package by its path', async (t) => {
  for (const { file, imports } of files) {
    const depth = file.split('/').length - 3;
    const outside = imports.filter((name) => name.startsWith('../'.repeat(depth)) && depth > 0);
    t.same(outside, [], file);
  }
});

t.test('no import circles between files, type imports included', async (t) => {
  const imported = new Map(
    [...files, ...benchmarks].map(({ file, imports }) => [file, imports.map((name) => resolved(file, name))]),
  );
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    const circle = way.indexOf(file);
    t.equal(circle, -1, circle === -1 ? file : [...way.slice(circle), file].join(' → '));
    if (circle !== -1 || done.has(file)) return;
    for (const next of imported.get(file) ?? []) if (next) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of imported.keys()) visit(file, []);
});

t.test('each library is imported where the table says, and nowhere else', async (t) => {
  const holders = new Map(
    tableRows(ARCHITECTURE, 'Who holds which library').map(([library = '', where = '']) => [
      bare(library),
      where.split(', ').sort(),
    ]),
  );
  const found = new Map<string, string[]>();
  for (const { file, imports } of files) {
    for (const name of new Set(imports.filter(isVendor).map(libraryOf))) {
      found.set(name, [...(found.get(name) ?? []), file].sort());
    }
  }
  for (const everywhere of ['typebox', '@fastify/type-provider-typebox', 'lit-html'])
    found.delete(everywhere);
  t.same(Object.fromEntries(found), Object.fromEntries(holders));
});

t.test('the dashboard imports only files that are served with it', async (t) => {
  const page = files.filter(({ file }) => file.startsWith('services/query/dashboard/'));
  t.ok(page.length > 0);
  for (const { file, imports } of page) {
    const mayDraw = /dashboard\/(?:main\.js|views\/)/.test(file);
    const foreign = imports.filter(
      (name) =>
        !name.startsWith('.') &&
        name !== '@landfall/query/http/dashboard-limits' &&
        !(mayDraw && libraryOf(name) === 'lit-html'),
    );
    t.same(foreign, [], file);
  }
});

t.test('the rooms that worker threads load import no typebox', async (t) => {
  const starred = tableRows(ARCHITECTURE, 'Rooms of the query service')
    .filter(([room = '']) => room.endsWith('*'))
    .map(([room = '']) => roomName(room));
  t.ok(starred.length > 0);
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    const source = fs.readFileSync(new URL(file, ROOT), 'utf8').replaceAll(/^import type [^;]*;/gm, '');
    for (const name of importsOf(source)) {
      t.notOk(/^typebox/.test(name), `${file} imports ${name}`);
      const next = resolved(file, name);
      if (next) load(next);
    }
  };
  for (const { file } of files) {
    if (starred.includes(roomOf(file, 'services/query/src/')) && file.startsWith('services/query/'))
      load(file);
  }
  t.ok(loaded.has('services/query/src/read-thread/worker.ts'));
  t.ok(loaded.has('services/query/src/load/worker.ts'));
  t.ok(loaded.has('packages/state-file/src/state-file.ts'));
});

t.test('no barrels and no vague file names', async (t) => {
  const vague = /(?:^|\/)(?:index|utils?|helpers?|common|misc|manager|types|constants)\.[jt]s$/;
  t.same(
    files.map(({ file }) => file).filter((file) => vague.test(file)),
    [],
  );
});

function importsOf(source: string): string[] {
  return [...source.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)';|^import '([^']+)';/gm)].map(
    ([, from, bareImport]) => from ?? bareImport ?? '',
  );
}

/** The path of a file of this repository that an import names; undefined for a library. */
function resolved(importer: string, name: string): string | undefined {
  const [, inside, path] = /^@landfall\/([^/]+)\/(.+)$/.exec(name) ?? [];
  if (name.startsWith('.')) return new URL(name, new URL(importer, 'file:///')).pathname.slice(1);
  if (!inside) return undefined;
  return ['packages', 'services']
    .map((folder) => `${folder}/${inside}/src/${path}.ts`)
    .find((file) => fs.existsSync(new URL(file, ROOT)));
}

function packageOf(file: string): string {
  return file.split('/')[1] ?? '';
}

/** The folder of a file within a service; empty for the files above all rooms. */
function roomOf(file: string, prefix: string): string {
  return file.slice(prefix.length).split('/').slice(0, -1).join('/');
}

/** Without the star of the rooms that worker threads load. */
function roomName(cell: string): string {
  return bare(cell.replace('*', '')).trim();
}

function bare(cell: string): string {
  return cell.replaceAll('`', '');
}

function names(cell: string): string[] {
  return cell === '–' ? [] : cell.split(', ').map(bare);
}

function isVendor(name: string): boolean {
  return !/^(?:\.|node:|@landfall\/)/.test(name);
}

function libraryOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}
