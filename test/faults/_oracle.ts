import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const IMAGES = ['png', 'jpg', 'jpeg', 'webp', 'gif'];

/**
 * Computes output.csv from the files of the source bucket, independently of the ingestor. Reads the files from the disk of the S3
 * server. Supports only the records that the fault tests write: a header and one row, no quotes.
 *
 * @param folder of the source bucket
 * @param bucket its name
 * @param kept previous rows of records that are broken now, by id
 */
export function expectedOutput(folder: string, bucket: string, kept = new Map<string, string>()): string {
  const records = new Map<string, string>();
  const images = new Map<string, string[]>();
  for (const key of keysIn(folder)) {
    const name = key.split('/').pop() ?? '';
    const dot = name.lastIndexOf('.');
    if (
      dot < 1 ||
      key
        .split('/')
        .some((segment) => segment.startsWith('.') || segment === '#recycle' || segment.includes('\ufffd'))
    )
      continue;
    const [id, extension] = [name.slice(0, dot), name.slice(dot + 1).toLowerCase()];
    if (extension === 'csv') {
      const owner = records.get(id);
      if (owner === undefined || bytes(key, owner) < 0) records.set(id, key);
    } else if (IMAGES.includes(extension)) images.set(id, [...(images.get(id) ?? []), key]);
  }
  const lines = ['user_id,first_name,last_name,birthts,img_path\n'];
  for (const [id, key] of [...records].sort(([a], [b]) => bytes(a, b))) {
    const values = goodValues(fs.readFileSync(path.join(folder, key), 'utf8')) ?? kept.get(id);
    if (values === undefined) continue;
    const image = IMAGES.flatMap((extension) =>
      (images.get(id) ?? []).filter((each) => each.toLowerCase().endsWith(`.${extension}`)).sort(bytes),
    )[0];
    lines.push(`${id},${values},${image === undefined ? '' : `${bucket}/${image}`}\n`);
  }
  return lines.join('');
}

/** Returns the three values joined by commas; undefined for an invalid record. */
export function goodValues(text: string): string | undefined {
  const [header, row, ...more] = text.trimEnd().split('\n');
  if (header !== 'first_name, last_name, birthts' || row === undefined || more.length > 0) return undefined;
  const values = row.split(',').map((value) => value.trim());
  if (values.length !== 3 || values.includes('') || !/^-?\d+$/.test(values[2] ?? '')) return undefined;
  return values.join(',');
}

export const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

function keysIn(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

const bytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
