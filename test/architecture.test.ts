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

t.test('services know the ports, not the adapters', async (t) => {
  const adapters =
    /^@landfall\/(?:object-store\/(?:minio|minio-admin|minio-notification|directory|directory-watch)|event-bus\/(?:nats|nats-connection|nats-lease|nats-link|nats-queue|nats-streams|in-process|in-process-lease|in-process-queue))$/;
  const knowing = files.filter(({ imports }) => imports.some((name) => adapters.test(name)));
  const elsewhere = knowing.map(({ file }) => file).filter((file) => !file.startsWith('services/seeder/'));
  t.same(elsewhere.sort(), [
    'packages/stack/src/connect.ts',
    'packages/stack/src/nats-access.ts',
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

t.test('no file imports itself by way of others, types included', async (t) => {
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

t.test('what runs in the browser imports its own files and what is served with them', async (t) => {
  const page = files.filter(({ file }) => file.startsWith('services/query/dashboard/'));
  t.ok(page.length > 0);
  for (const { file, imports } of page) {
    const mayDraw = /dashboard\/(?:main\.js|views\/)/.test(file);
    const foreign = imports.filter(
      (name) => !name.startsWith('.') && !(mayDraw && libraryOf(name) === 'lit-html'),
    );
    t.same(foreign, [], file);
  }
});

t.test('what the reading thread loads once more has no schemas in it', async (t) => {
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    const source = fs.readFileSync(new URL(file, ROOT), 'utf8').replaceAll(/^import type [^;]*;/gm, '');
    for (const name of importsOf(source)) {
      t.notOk(/^typebox/.test(name), `${file} imports ${name}`);
      const [, ours, path] = /^@landfall\/([^/]+)\/(.+)$/.exec(name) ?? [];
      if (ours) load(`packages/${ours}/src/${path}.ts`);
      else if (name.startsWith('.')) load(new URL(name, new URL(file, 'file:///')).pathname.slice(1));
    }
  };
  load('services/query/src/read-worker.ts');
  t.ok(loaded.has('services/query/src/reader.ts') && loaded.has('packages/state-file/src/state-file.ts'));
});

t.test('no barrels, and no names that say nothing', async (t) => {
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
