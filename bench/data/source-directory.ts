import fs from 'node:fs';
import path from 'node:path';
import { userFiles } from './record-files.ts';

/** The bucket that is filled, and the processed bucket. */
export const [SOURCE, PROCESSED] = ['src-data', 'processed-data'];
/** The benchmark reads no image, so any content will do. */
export const IMAGE = Buffer.from('an image');

/** Creates a folder with two buckets, with `users` records in the source bucket. */
export function fillDirectory(root: string, users: number): void {
  for (const bucket of [SOURCE, PROCESSED]) fs.mkdirSync(path.join(root, bucket), { recursive: true });
  for (const { id, record, hasImage } of userFiles(users)) {
    fs.writeFileSync(`${root}/${SOURCE}/${id}.csv`, record);
    if (hasImage) fs.writeFileSync(`${root}/${SOURCE}/${id}.png`, IMAGE);
  }
}
