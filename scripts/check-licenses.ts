import fs from 'node:fs';
import path from 'node:path';

/**
 * Checks the licenses of all installed packages, those of development too. Prints each package whose license is not allowed, and
 * exits with 1.
 *
 * The argument is the folder with `node_modules`; default: the working directory.
 */

/** SPDX identifiers that allow use, change and distribution without conditions for our own code. */
const ALLOWED = new Set([
  ...['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0', 'BlueOak-1.0.0'],
  ...['CC0-1.0', 'Unlicense', 'Python-2.0'],
]);

/** Packages that only development uses, and why their license is fine. */
const DEVELOPMENT_ONLY: Readonly<Record<string, string>> = {
  // Python's own license, of a port of Python's module; `@redocly/openapi-core` reads its YAML with js-yaml.
  argparse: 'PSF-2.0',
  // Tests load it into a page, unchanged.
  'axe-core': 'MPL-2.0',
  // Data that tap reads, unchanged.
  'spdx-exceptions': 'CC-BY-3.0',
  // Its LICENSE file is MIT; its package.json does not say so.
  'jsonc-simple-parser': 'unknown',
};

const root = process.argv[2] ?? '.';
// pnpm keeps each package in a folder of its own, beside links to its dependencies.
const pattern = 'node_modules/.pnpm/*/node_modules/{*,@*/*}/package.json';
const files = fs
  .globSync(pattern, { cwd: root })
  .filter((file) => !fs.lstatSync(path.join(root, path.dirname(file))).isSymbolicLink());

const refused = files.flatMap((file) => {
  const manifest: Record<string, unknown> = JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));
  const [name, license] = [String(manifest.name), licenseOf(manifest)];
  if (isAllowed(license) || DEVELOPMENT_ONLY[name] === license) return [];
  return [`${name} ${manifest.version}: ${license}`];
});
for (const each of new Set(refused)) console.error(`The license is not allowed: ${each}`);
console.log(`Checked the licenses of ${files.length} packages.`);
if (files.length === 0) console.error(`There are no packages in ${path.resolve(root)}.`);
if (refused.length > 0 || files.length === 0) process.exitCode = 1;

/** The license in a package.json, as an SPDX expression. Old packages have an object, or a list of objects. */
function licenseOf({ license, licenses }: Record<string, unknown>): string {
  const given: unknown[] = [license ?? licenses].flat();
  const names = given.map((each) =>
    typeof each === 'object' && each !== null && 'type' in each ? each.type : each,
  );
  return names.every((name) => typeof name === 'string') ? names.join(' OR ') : 'unknown';
}

/** Whether an SPDX expression can be met with allowed licenses. `AND` binds more tightly than `OR`. */
function isAllowed(expression: string): boolean {
  const flat = expression.replace(/[()]/g, '');
  // With parentheses around a part, the order of the operators is not that of the text.
  if (flat !== expression && / AND /.test(flat)) return false;
  return flat.split(' OR ').some((all) => all.split(' AND ').every((name) => ALLOWED.has(name.trim())));
}
