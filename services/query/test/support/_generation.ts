import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {
  deltaKey,
  type Manifest,
  rejectsSnapshotKey,
  snapshotKey,
} from '@landfall/contracts/dataset/manifest';
import type { Reject } from '@landfall/contracts/dataset/reject';
import { formatReject, rejectsHeader } from '@landfall/contracts/dataset/reject-codec';
import { type RowChange, rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS, type User } from '@landfall/contracts/dataset/users';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { DownloadedGeneration } from '../../src/load/import-generation.ts';

const codec = rowCodec(USERS);

/** A reject as the API has it. */
export type UserReject = Omit<Reject, 'id'> & { user_id: string };

/** The files of a generation as text, and their manifest. */
export interface MadeGeneration {
  manifest: Manifest;
  users: string;
  rejects: string;
  /** The changes since the generation before. */
  delta?: string;
}

/** Makes a generation like the ingestor does. `users` are in byte order of their ids. */
export function makeGeneration(
  generation: number,
  users: User[],
  rejects: UserReject[] = [],
): MadeGeneration {
  const usersText = codec.header + users.map(codec.formatRow).join('');
  const rejectsText =
    rejectsHeader(USERS) +
    rejects.map(({ user_id: id, ...reject }) => formatReject({ ...reject, id })).join('');
  const version = createHash('sha256').update(usersText).digest('hex');
  const object = (key: string, text: string, rows: number) => ({
    key,
    size: Buffer.byteLength(text),
    etag: 'e',
    rows,
  });
  return {
    users: usersText,
    rejects: rejectsText,
    manifest: {
      generation,
      version,
      created_at: '2026-06-01T00:00:00.000Z',
      rows: users.length,
      snapshot: object(snapshotKey(generation, version), usersText, users.length),
      output: object('output.csv', usersText, users.length),
      rejects_snapshot: object(rejectsSnapshotKey(generation, version), rejectsText, rejects.length),
      rejects: object('rejects.csv', rejectsText, rejects.length),
    },
  };
}

/** The same generation with a delta for `before`. */
export function afterGeneration(
  before: Manifest,
  changes: RowChange<User>[],
  made: MadeGeneration,
): MadeGeneration {
  const delta = codec.deltaHeader + changes.map(codec.formatChange).join('');
  const { generation, version } = made.manifest;
  const described = {
    key: deltaKey(generation, version),
    size: Buffer.byteLength(delta),
    etag: 'e',
    rows: changes.length,
    sha256: createHash('sha256').update(delta).digest('hex'),
    base: { generation: before.generation, version: before.version },
  };
  return { ...made, delta, manifest: { ...made.manifest, delta: described } };
}

/** The changes that turn the first users into the second. */
export function changesBetween(before: readonly User[], now: readonly User[]): RowChange<User>[] {
  const text = (user: User | undefined) => JSON.stringify(user);
  const [was, is] = [before, now].map((users) => new Map(users.map((user) => [user.user_id, user])));
  const ids = [...new Set([...before, ...now].map(({ user_id: id }) => id))].sort(compareBytes);
  return ids.filter((id) => text(was?.get(id)) !== text(is?.get(id))).map((id) => ({ id, row: is?.get(id) }));
}

/** Writes the files that the loader reads: the snapshot or the delta, and the rejects. */
export function asFiles(
  folder: string,
  made: MadeGeneration,
  as: 'snapshot' | 'delta' = 'snapshot',
): DownloadedGeneration {
  const [file, rejectsFile] = [path.join(folder, 'users.csv'), path.join(folder, 'rejects.csv')];
  fs.writeFileSync(file, as === 'delta' ? (made.delta ?? '') : made.users);
  fs.writeFileSync(rejectsFile, made.rejects);
  return { manifest: made.manifest, rows: { file, isDelta: as === 'delta' }, rejectsFile };
}

/** Publishes a generation in a bucket, the manifest last. */
export async function publishTo(store: ObjectStore, bucket: string, made: MadeGeneration): Promise<void> {
  const put = (key: string, text: string) => store.put(bucket, key, Buffer.from(text));
  await put(made.manifest.snapshot.key, made.users);
  await put(made.manifest.rejects_snapshot.key, made.rejects);
  if (made.manifest.delta) await put(made.manifest.delta.key, made.delta ?? '');
  await put('manifest.json', JSON.stringify(made.manifest));
}

/** `count` users in order of their ids, all with the same last name. */
export function usersNamed(last_name: string, count: number): User[] {
  return Array.from({ length: count }, (_, i) => ({
    user_id: String(100_000 + i),
    first_name: 'A',
    last_name,
    birthts: i * 86_400_000,
    img_path: i % 2 ? `src-data/${100_000 + i}.png` : null,
  }));
}

/** `count` rejects in order of their keys, all with the same detail. */
export const rejectsNamed = (detail: string, count: number): UserReject[] =>
  Array.from({ length: count }, (_, i) => ({
    key: `${100_000 + i}.csv`,
    user_id: String(100_000 + i),
    reason: 'empty',
    detail,
    since: '2026-06-01T00:00:00.000Z',
    kept_previous: i % 2 === 1,
  }));
