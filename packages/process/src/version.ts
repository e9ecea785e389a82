import fs from 'node:fs';

/**
 * The version of Landfall: that of the root's package.json, which changesets raise.
 *
 * @throws Error when the file cannot be read, or has no version
 */
export const VERSION: string = versionOf(new URL('../../../package.json', import.meta.url));

function versionOf(file: URL): string {
  const value: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'string')
    return value.version;
  throw new Error(`${file.pathname} has no version`);
}
