import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { start, temporary } from '../../../services/standalone/test/_process.ts';
import { startPrinting } from '../../../test/_examples.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PACKAGE = path.join(ROOT, 'packages', 'client');
const README = fs.readFileSync(path.join(PACKAGE, 'README.md'), 'utf8');
const block = (language: string) =>
  README.match(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms'))?.[1] ?? '';

/** Node's of this machine: the one that runs the tests, and the first one outside of the project, which may be older. */
const NODES = [
  process.execPath,
  ...(process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => path.join(folder, 'node'))
    .filter((file) => fs.existsSync(file))
    .slice(0, 1),
];

t.test('the types are those of the OpenAPI document', async (t) => {
  const file = path.join(temporary(t), 'api-schema.ts');
  await runPlain(process.execPath, [path.join(ROOT, 'scripts/make-client-types.ts'), file], ROOT);
  const committed = fs.readFileSync(path.join(PACKAGE, 'src/api-schema.ts'), 'utf8');
  t.ok(fs.readFileSync(file, 'utf8') === committed, 'else run: npx pnpm@12.21.0 run client-types');
});

t.test('the packed package works in an empty project, as its README has it', async (t) => {
  const cwd = temporary(t);
  await runPlain('npx', ['--yes', 'pnpm@12.21.0', 'pack', '--pack-destination', cwd], PACKAGE);
  const [tarball = ''] = fs.globSync('*.tgz', { cwd });
  fs.writeFileSync(path.join(cwd, 'package.json'), '{ "private": true, "type": "module" }');
  // The dependencies, in exactly the versions of the lockfile. npm finds them installed and downloads nothing.
  for (const folder of dependencyFolders()) {
    fs.cpSync(folder, path.join(cwd, 'node_modules', path.basename(folder)), { recursive: true });
  }
  await runPlain('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${tarball}`], cwd);
  const installed = path.join(cwd, 'node_modules/@landfall/client');
  const files = fs.globSync('**/*', { cwd: installed });
  t.same(
    files.filter((file) => /\.ts$/.test(file) && !file.endsWith('.d.ts')),
    [],
    'Node does not strip types there',
  );
  t.ok(files.includes('README.md'));

  const service = start(t, { DATA_DIR: path.join(cwd, 'data') });
  const LANDFALL_URL = await service.address();
  // It waits for the change below, however slow the machine is.
  fs.writeFileSync(path.join(cwd, 'example.mjs'), block('js').replace('timeout(3_000)', 'timeout(60_000)'));
  t.equal(NODES.length, 2);
  const examples = NODES.map((node) =>
    startPrinting(t, node, [path.join(cwd, 'example.mjs')], { LANDFALL_URL }),
  );
  await Promise.all(examples.map(({ prints }) => prints(/ years on average\n$/)));
  fs.writeFileSync(
    path.join(cwd, 'data/src-data/ada.csv'),
    'first_name, last_name, birthts\nAda, Lovelace, 5\n',
  );
  for (const { prints } of examples)
    t.match(await prints(/added/), /^\d+ .+\n(?:\d+ .+\n){40,}added: ada\n$/);

  // The types, in a strict project without `skipLibCheck`.
  fs.writeFileSync(path.join(cwd, 'typed.ts'), TYPED);
  const tsc = path.join(ROOT, 'node_modules/.bin/tsc');
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--lib',
    'es2023,dom,dom.iterable,dom.asynciterable',
  ];
  const typed = [...options, '--types', '', 'typed.ts'];
  const checked = await runPlain(tsc, typed, cwd).catch((error) => error);
  t.equal(checked.stdout, '');
});

/** Runs a program without what tap loads into every Node. */
function runPlain(program: string, args: string[], cwd: string) {
  return run('env', ['-u', 'NODE_OPTIONS', program, ...args], { cwd });
}

/** The folders of the client's dependencies, and of theirs. */
function dependencyFolders(): string[] {
  const names = '{eventsource-parser,openapi-fetch,openapi-typescript-helpers}';
  return fs
    .globSync(`node_modules/.pnpm/${names}@*/node_modules/${names}`, { cwd: ROOT })
    .map((folder) => path.join(ROOT, folder))
    .filter((folder) => !fs.lstatSync(folder).isSymbolicLink());
}

const TYPED = `
import { type ClientOptions, LandfallError, openLandfall, type Row } from '@landfall/client';

const options: ClientOptions = { retries: 1 };
const landfall = openLandfall('http://127.0.0.1:8080', options);
for await (const { rows, generation } of landfall.pages({ min_age: 3, sort: '-birthts' })) {
  const [row]: Row[] = rows;
  const [name, birth, image]: [string?, number?, (string | null)?] = [row?.last_name, row?.birthts, row?.img_path];
  console.log(name, birth, image, generation + 1);
}
// @ts-expect-error: no such parameter.
landfall.rows({ min_agee: 3 });
const { data } = await landfall.api.GET('/data/{user_id}', { params: { path: { user_id: '1' } } });
const name: string | undefined = data?.first_name;
// @ts-expect-error: no such path.
landfall.api.GET('/nothing');
for await (const event of landfall.events()) if (event.type === 'run') console.log(event.data.run_id, name);
console.log(new LandfallError(404, {}).code);

/** Of another data set. */
interface Paths {
  '/data': {
    get: {
      parameters: { query?: { open?: boolean; limit?: number } };
      responses: { 200: { content: { 'application/json': { shop_id: string }[]; 'text/csv': string } } };
    };
  };
}
for await (const shop of openLandfall<Paths>('http://127.0.0.1:8080').rows({ open: true })) console.log(shop.shop_id.length);
// @ts-expect-error: a page is no filter.
openLandfall<Paths>('http://127.0.0.1:8080').rows({ limit: 3 });
`;
