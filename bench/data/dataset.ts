import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Definition } from '@landfall/contracts/dataset/definition';
import {
  deltaKey,
  MANIFEST_KEY,
  type Manifest,
  OUTPUT_KEY,
  type PublishedObject,
  parseManifest,
  REJECTS_KEY,
  rejectsSnapshotKey,
  snapshotKey,
} from '@landfall/contracts/dataset/manifest';
import { rejectsHeader } from '@landfall/contracts/dataset/reject-codec';
import type { Row } from '@landfall/contracts/dataset/row';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS, type User } from '@landfall/contracts/dataset/users';
import { manifestDefinition } from '@landfall/contracts/definition/manifest-definition';

import { definitionRows } from './definition-rows.ts';
import { people } from './people.ts';
import { rowIdAt } from './row-ids.ts';
import { PROCESSED } from './source-directory.ts';

const codec = rowCodec(USERS);

/** Characters per write. */
const PIECE = 1 << 20;
const CREATED_AT = '2026-06-01T00:00:00.000Z';

/** Generates rows of output.csv, deterministic; 5 of 1,000 need quotes. */
export function* dataSetUsers(users: number): Iterable<User> {
  let i = 0;
  for (const { first, last, birthts, hasImage, shape } of people(users)) {
    const user_id = rowIdAt(i++);
    const last_name = shape < 5 ? `${last}, Jr.` : last;
    const img_path = hasImage ? `src-data/${user_id}.png` : null;
    yield { user_id, first_name: first, last_name, birthts, img_path };
  }
}

/** Writes generation 1 of a data set into a folder of buckets, like the ingestor. */
export function makeDataSet(root: string, rows: number): Manifest {
  return writeDataSet(root, USERS, rows, dataSetUsers(rows));
}

/** Writes generation 1 of a data set of any definition into a folder of buckets, like the ingestor. */
export function makeDataSetOf(definition: Definition, root: string, rows: number): Manifest {
  return writeDataSet(root, definition, rows, definitionRows(definition, rows));
}

function writeDataSet(root: string, definition: Definition, count: number, rows: Iterable<Row>): Manifest {
  const codec = rowCodec(definition);
  const folder = path.join(root, PROCESSED);
  fs.mkdirSync(path.join(folder, 'datasets'), { recursive: true });
  fs.mkdirSync(path.join(folder, 'deltas'), { recursive: true });
  const output = path.join(folder, OUTPUT_KEY);
  const version = writeHashed(output, codec.header, rows, codec.formatRow);
  fs.writeFileSync(path.join(folder, REJECTS_KEY), rejectsHeader(definition));
  fs.cpSync(output, path.join(folder, snapshotKey(1, version)));
  fs.cpSync(path.join(folder, REJECTS_KEY), path.join(folder, rejectsSnapshotKey(1, version)));
  return writeManifest(folder, {
    generation: 1,
    version,
    created_at: CREATED_AT,
    rows: count,
    snapshot: described(folder, snapshotKey(1, version), count),
    output: described(folder, OUTPUT_KEY, count),
    rejects_snapshot: described(folder, rejectsSnapshotKey(1, version), 0),
    rejects: described(folder, REJECTS_KEY, 0),
    ...manifestDefinition(definition),
  });
}

/**
 * Writes the next generation, in which `changes` rows, evenly spread, have another birth. The snapshot is not written again, since
 * a reader of the generation before reads only the delta.
 */
export function changeDataSet(root: string, changes: number): Manifest {
  const folder = path.join(root, PROCESSED);
  const before = parseManifest(fs.readFileSync(path.join(folder, MANIFEST_KEY)));
  const generation = before.generation + 1;
  const version = createHash('sha256').update(`${before.version} ${generation}`).digest('hex');
  const key = deltaKey(generation, version);
  const sha256 = writeHashed(
    path.join(folder, key),
    codec.deltaHeader,
    changedUsers(before, changes, generation),
    (user) => codec.formatChange({ id: user.user_id, row: user }),
  );
  const base = { generation: before.generation, version: before.version };
  const delta = { ...described(folder, key, changes), sha256, base };
  return writeManifest(folder, { ...before, generation, version, delta });
}

/** Generates the rows that differ in a generation. */
export function* changedUsers({ rows }: Manifest, changes: number, generation: number): Iterable<User> {
  const every = Math.floor(rows / changes);
  for (let i = 0; i < changes; i++) {
    const user_id = rowIdAt(i * every + (generation % every));
    const birthts = Date.UTC(1950, generation, i % 28) + i * 1_000_000_000;
    yield { user_id, first_name: 'Ada', last_name: 'Lovelace', birthts, img_path: null };
  }
}

function writeManifest(folder: string, manifest: Manifest): Manifest {
  fs.writeFileSync(path.join(folder, MANIFEST_KEY), JSON.stringify(manifest));
  return manifest;
}

function described(folder: string, key: string, rows: number): PublishedObject {
  return { key, size: fs.statSync(path.join(folder, key)).size, etag: 'e', rows };
}

/** @returns the checksum, SHA-256 in hex */
function writeHashed<Row>(
  file: string,
  header: string,
  rows: Iterable<Row>,
  line: (row: Row) => string,
): string {
  const hash = createHash('sha256');
  const descriptor = fs.openSync(file, 'w');
  let text = header;
  const write = () => {
    hash.update(text);
    fs.writeSync(descriptor, text);
    text = '';
  };
  for (const row of rows) {
    text += line(row);
    if (text.length > PIECE) write();
  }
  write();
  fs.closeSync(descriptor);
  return hash.digest('hex');
}
