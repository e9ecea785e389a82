import { createHash, type Hash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { outputHeader, outputLine } from '@landfall/contracts/data-set-csv';
import { OUTPUT_KEY } from '@landfall/contracts/manifest';
import type { Catalog } from './catalog.ts';
import type { Stretch } from './publication.ts';
import type { Spooled } from './spool.ts';

/** A stretch is closed once it has so many characters. */
const STRETCH = 64 * 1024;
/** The old file is read in pieces of so many bytes. */
const PIECE = 1024 * 1024;

/**
 * Writes output.csv in a folder of the service's own, holding one stretch in memory. Where a copy of the last time
 * is there, only stretches with changed users are made of the catalog; the others are copied byte by byte, a
 * hundred times as fast. The copy's checksum is taken on the way: when it is not the one it was written with, all is
 * made of the catalog.
 *
 * @returns the file, which stays for the next time
 */
export async function writeOutput(catalog: Catalog, folder: string): Promise<Spooled> {
  await fs.promises.mkdir(folder, { recursive: true });
  const file = path.join(folder, OUTPUT_KEY);
  const { sha256, stretches } = catalog.copy();
  const written =
    (await patch(catalog, file, stretches, sha256)) ?? (await patch(catalog, file, WHOLE, undefined));
  if (!written) throw new Error(`${file} could not be written`);
  fs.renameSync(`${file}.next`, file);
  await catalog.transaction(() => catalog.setCopy(written.sha256, written.stretches));
  const { size, rows } = written;
  return { file, size, rows, sha256: written.sha256 };
}

/** One stretch of nothing, in which every user is yet to be written. */
const WHOLE: readonly Stretch[] = [{ first_user_id: '', bytes: 0, rows: 0, dirty: true }];

/** @returns undefined when the old file is not the one it should be */
async function patch(catalog: Catalog, file: string, old: readonly Stretch[], oldSha256: string | undefined) {
  const reader = oldSha256 === undefined ? undefined : openOld(file);
  if (old.length === 0 || (oldSha256 !== undefined && !reader)) return undefined;
  const writer = openNew(`${file}.next`);
  try {
    for (const [i, stretch] of old.entries()) {
      if (!stretch.dirty) writer.copied(stretch);
      const keep = !stretch.dirty;
      if (reader && !reader.pass(stretch.bytes, keep ? writer.write : undefined)) return undefined;
      if (stretch.dirty) await renew(catalog, stretch.first_user_id, old[i + 1]?.first_user_id, writer);
      if (i % 64 === 63) await new Promise(setImmediate);
    }
    if (reader && reader.sha256() !== oldSha256) return undefined;
    return writer.end();
  } finally {
    reader?.close();
    writer.close();
  }
}

/** Writes users from `first` up to before `end`, in one stretch or, when they have become many, in several. */
async function renew(
  catalog: Catalog,
  first: string,
  end: string | undefined,
  writer: NewFile,
): Promise<void> {
  let stretch = { first_user_id: first, rows: 0 };
  let text = first === '' ? outputHeader() : '';
  for await (const page of catalog.users(first, end)) {
    for (const user of page) {
      if (text.length >= STRETCH) {
        writer.renewed(stretch, text);
        stretch = { first_user_id: user.user_id, rows: 0 };
        text = '';
      }
      text += outputLine(user);
      stretch.rows++;
    }
  }
  // Of a stretch in the middle whose users are all gone nothing stays.
  if (text !== '') writer.renewed(stretch, text);
}

type NewFile = ReturnType<typeof openNew>;

function openNew(file: string) {
  const descriptor = fs.openSync(file, 'w');
  const hash = createHash('sha256');
  const stretches: Stretch[] = [];
  function write(bytes: Uint8Array): void {
    hash.update(bytes);
    for (let done = 0; done < bytes.length; ) done += fs.writeSync(descriptor, bytes, done);
  }
  return {
    write,
    copied: (stretch: Stretch) => stretches.push(stretch),
    renewed(stretch: { first_user_id: string; rows: number }, text: string): void {
      const bytes = Buffer.from(text);
      write(bytes);
      stretches.push({ ...stretch, bytes: bytes.length, dirty: false });
    },
    end() {
      const size = stretches.reduce((sum, { bytes }) => sum + bytes, 0);
      const rows = stretches.reduce((sum, stretch) => sum + stretch.rows, 0);
      return { sha256: hash.digest('hex'), size, rows, stretches };
    },
    close: () => fs.closeSync(descriptor),
  };
}

/** @returns undefined when it is not there */
function openOld(file: string) {
  if (!fs.existsSync(file)) return undefined;
  const descriptor = fs.openSync(file, 'r');
  const hash: Hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(PIECE);
  return {
    /**
     * Goes on by so many bytes.
     *
     * @returns false when the file ends before
     */
    pass(bytes: number, use: ((piece: Uint8Array) => void) | undefined): boolean {
      for (let left = bytes; left > 0; ) {
        const read = fs.readSync(descriptor, buffer, 0, Math.min(left, PIECE), null);
        if (read === 0) return false;
        const piece = buffer.subarray(0, read);
        hash.update(piece);
        use?.(piece);
        left -= read;
      }
      return true;
    },
    sha256: () => hash.digest('hex'),
    close: () => fs.closeSync(descriptor),
  };
}
