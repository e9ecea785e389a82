import fs from 'node:fs';
import { SOURCE } from '../data/source-directory.ts';

/** Result of a bare loop. */
export interface Seen {
  objects: number;
  /** Bytes: of all objects for a listing, of the records for reading. */
  bytes: number;
}

/** Ceiling of listing a folder: reads names and sizes in one thread. */
export function bareListing(root: string): Seen {
  const { names, bytes } = listAndStat(`${root}/${SOURCE}`);
  return { objects: names.length, bytes };
}

/** Ceiling of a first run: lists, stats, and reads every record into one buffer. */
export function bareReading(root: string): Seen {
  const folder = `${root}/${SOURCE}`;
  const { names } = listAndStat(folder);
  const buffer = Buffer.allocUnsafe(64 * 1024);
  let bytes = 0;
  for (const name of names) {
    if (!name.endsWith('.csv')) continue;
    const descriptor = fs.openSync(`${folder}/${name}`, 'r');
    bytes += fs.readSync(descriptor, buffer, 0, buffer.length, 0);
    fs.closeSync(descriptor);
  }
  return { objects: names.length, bytes };
}

/** Ceiling of a first run over any folder: lists, stats, and reads every record; JSON records are parsed. */
export function bareRecords(root: string, extension: '.json' | '.csv'): Seen {
  const folder = `${root}/${SOURCE}`;
  const buffer = Buffer.allocUnsafe(64 * 1024);
  let [objects, bytes] = [0, 0];
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = `${entry.parentPath}/${entry.name}`;
    objects++;
    fs.statSync(file);
    if (!entry.name.endsWith(extension)) continue;
    const descriptor = fs.openSync(file, 'r');
    const size = fs.readSync(descriptor, buffer, 0, buffer.length, 0);
    fs.closeSync(descriptor);
    if (extension === '.json') JSON.parse(buffer.toString('utf8', 0, size));
    bytes += size;
  }
  return { objects, bytes };
}

function listAndStat(folder: string): { names: string[]; bytes: number } {
  const names = fs.readdirSync(folder);
  let bytes = 0;
  for (const name of names) bytes += fs.statSync(`${folder}/${name}`).size;
  return { names, bytes };
}
