import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { start, temporary } from '../services/standalone/test/_process.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const README = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const TITLE = '## Serve your own files in five minutes\n';

t.test('“Serve your own files in five minutes” works as it is written', async (t) => {
  const [, section = ''] = README.split(TITLE);
  const blocks = [...(section.split(/^## /m)[0] ?? '').matchAll(/^```sh\n(.*?)^```$/gms)].map(
    ([, sh = '']) => sh,
  );
  const [collect = '', describe = '', begin = '', query = ''] = blocks;
  t.equal(blocks.length, 4);

  const cwd = temporary(t);
  fs.mkdirSync(path.join(cwd, 'datasets'));
  fs.cpSync(path.join(ROOT, 'datasets', 'users'), path.join(cwd, 'datasets', 'users'), { recursive: true });
  // The command line tool of this working copy, without an installation.
  const cli = path.join(ROOT, 'services', 'cli', 'src', 'main.ts');
  const npx = `npx() { shift 2; '${process.execPath}' '${cli}' "$@"; }\n`;
  const sh = async (script: string) =>
    (await run('sh', ['-euc', npx + script], { cwd, env: { PATH: process.env.PATH } })).stdout;

  await sh(collect);
  t.match(await sh(describe), '3 records make 3 rows; 0 files are rejected.\n1 companion file, 0 of them');

  const [, setting = '', file = ''] = /^(\w+)=(\S+) npx pnpm@[\d.]+ start\n$/.exec(begin) ?? [];
  const started = start(t, { [setting]: file }, cwd);
  const address = await started.address();
  t.match(started.printed(), 'Added 4 demo files to data/objects/src-data.');

  const answers = await sh(
    query.replaceAll('http://127.0.0.1:8080', address).replaceAll('curl ', 'curl -sS '),
  );
  t.match(
    answers,
    '[{"object_id":"1932-4","title":"Sextant","made":"1871-03-14","on_display":true,"height_cm":12.5,"picture_path":"src-data/1932-4.png"}]',
  );
  t.match(answers, /"status":"succeeded",.*\{"object_id":"2024-1","title":"Compass"/s);
  t.match(answers, '"key":"2024-2.json","object_id":"2024-2","reason":"invalid_made"');
  const [picture, original] = ['picture.png', 'datasets/users/1000.png'].map((name) =>
    fs.readFileSync(path.join(cwd, name)),
  );
  t.same(picture, original);
});
