import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { tableRows } from './_markdown.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => fs.readFileSync(path.join(root, file), 'utf8');

t.test('docs/dependencies.md has every production dependency, and who uses it', (t) => {
  const used = fs.globSync('{services,packages}/*/package.json', { cwd: root }).flatMap((file) =>
    Object.keys(JSON.parse(read(file)).dependencies ?? {})
      .filter((name) => !name.startsWith('@landfall/'))
      .map((name) => `${name} by ${path.basename(path.dirname(file))}`),
  );
  const documented = tableRows(read('docs/dependencies.md'), 'Dependencies').flatMap(([name = '', by = '']) =>
    by.split(', ').map((each) => `${name} by ${each}`.replaceAll('`', '')),
  );
  t.same(documented.sort(), used.sort());
  t.ok(used.length > 20);
  t.end();
});

t.test('a license that is not allowed fails the check, with the package’s name', (t) => {
  const installed = (name: string, manifest: object) => ({
    [`${name}@1.0.0`]: {
      node_modules: { [name]: { 'package.json': JSON.stringify({ name, version: '1.0.0', ...manifest }) } },
    },
  });
  const check = (...packages: object[]) => {
    const folder = t.testdir({ node_modules: { '.pnpm': Object.assign({}, ...packages) } });
    return spawnSync(process.execPath, [path.join(root, 'scripts/check-licenses.ts'), folder], {
      encoding: 'utf8',
    });
  };
  const allowed = [
    installed('one', { license: 'MIT' }),
    installed('either', { license: '(GPL-3.0-only OR ISC)' }),
    installed('both', { license: 'MIT AND BSD-3-Clause' }),
    installed('old', { licenses: [{ type: 'MIT' }] }),
    installed('axe-core', { license: 'MPL-2.0' }),
  ];
  t.match(check(...allowed), { status: 0, stdout: /of 5 packages/, stderr: '' });
  for (const [manifest, shown] of [
    [{ license: 'GPL-3.0-only' }, 'GPL-3.0-only'],
    [{ license: 'MIT AND MPL-2.0' }, 'MIT AND MPL-2.0'],
    [{ license: '(MIT OR GPL-2.0-only) AND AGPL-3.0-only' }, 'AGPL-3.0-only'],
    [{}, 'unknown'],
  ] as const) {
    const { status, stderr } = check(...allowed, installed('bad', manifest));
    t.equal(status, 1);
    t.match(stderr, `bad 1.0.0: `);
    t.match(stderr, shown);
  }
  t.match(check(), { status: 1, stderr: /no packages/ }, 'an empty folder is no success');
  t.end();
});
