import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { VERSION } from '@landfall/process/version';
import t from 'tap';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string) => fs.readFileSync(path.join(ROOT, name), 'utf8');
const workflows = fs.readdirSync(path.join(ROOT, '.github/workflows'));

interface Step {
  uses?: string;
  run?: string;
}
interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<string, { uses?: string; steps?: Step[]; needs?: string | string[] }>;
}
const workflow = (name: string): Workflow => parse(read(`.github/workflows/${name}`));

t.test('foreign actions are pinned to a commit, with its version beside it', async (t) => {
  const used = workflows.flatMap((name) => read(`.github/workflows/${name}`).match(/uses: .*/g) ?? []);
  t.ok(used.length > 5);
  for (const each of used) t.match(each, /uses: (?:\.\/\S+|\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/, each);
});

t.test('workflows may only read, unless a job asks for more', async (t) => {
  for (const name of workflows) t.same(workflow(name).permissions, { contents: 'read' }, name);
});

t.test('a release waits for .ci/run and the advisories', async (t) => {
  const { jobs } = workflow('release.yml');
  t.same(jobs.version?.needs, ['ci', 'advisories']);
  t.equal(jobs.image?.needs, 'version');
  t.equal(jobs.ci?.uses, './.github/workflows/ci.yml');
  const steps = workflow('ci.yml').jobs.ci?.steps ?? [];
  t.ok(steps.some(({ run }) => run === '.ci/run'));
});

t.test('the scripts that the workflow runs exist', async (t) => {
  const { scripts } = JSON.parse(read('package.json'));
  const named = read('.github/workflows/release.yml').matchAll(/pnpm@\S+ run (\S+)/g);
  for (const [, script = ''] of named) t.type(scripts[script], 'string', script);
});

t.test('the version of the API and of its messages is that of package.json', async (t) => {
  const { version } = JSON.parse(read('package.json'));
  t.equal(VERSION, version);
  const literal = `'${version}'`;
  for (const file of fs.globSync('{packages,services}/*/src/**/*.ts', { cwd: ROOT })) {
    if (read(file).includes(literal)) t.fail(`${file} has its own version`);
  }
  t.notMatch(read('scripts/asyncapi/asyncapi-document.ts'), literal);
});

t.test('changesets become one version of all published packages, and a part of the changelog', async (t) => {
  const copy = t.testdir();
  const config = JSON.parse(read('.changeset/config.json'));
  for (const file of [
    'package.json',
    'pnpm-workspace.yaml',
    'CHANGELOG.md',
    'packages/client/package.json',
  ]) {
    fs.mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
    fs.copyFileSync(path.join(ROOT, file), path.join(copy, file));
  }
  fs.mkdirSync(path.join(copy, '.changeset'));
  fs.writeFileSync(path.join(copy, '.changeset/config.json'), JSON.stringify(config));
  fs.writeFileSync(path.join(copy, '.changeset/new.md'), '---\n"landfall": minor\n---\n\nSomething new.\n');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: copy });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '--message=all');
  const cli = path.join(ROOT, 'node_modules/@changesets/cli/bin.js');
  execFileSync(process.execPath, [cli, 'version'], { cwd: copy });
  const versionOf = (file: string): string =>
    JSON.parse(fs.readFileSync(path.join(copy, file), 'utf8')).version;
  const [major, minor] = String(JSON.parse(read('package.json')).version)
    .split('.')
    .map(Number);
  const next = `${major}.${Number(minor) + 1}.0`;
  t.equal(versionOf('package.json'), next);
  t.equal(versionOf('packages/client/package.json'), next);
  const changelog = fs.readFileSync(path.join(copy, 'CHANGELOG.md'), 'utf8');
  t.match(
    changelog,
    new RegExp(`^# Changelog\\n\\n## ${next}\\n[^#]*### Minor Changes\\n[^#]*Something new\\.`),
  );
});
