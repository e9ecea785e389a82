import { utcDay } from '@landfall/contracts/dataset/age';
import type { Row } from '@landfall/contracts/dataset/row';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import { bulkInsert } from '@landfall/state-file/bulk-insert';
import type { StateFile } from '@landfall/state-file/state-file';
import {
  CHANGES_TABLE,
  DAY_COUNTS_TABLE,
  ROWS_TABLE,
  STILL_VALID,
  VALID_UNTIL,
} from '../database/identifiers.ts';

/** Users that are read at a time. */
const PAGE = 2_000;

/** A row of `users` as a user. */
type StoredRow = Row & { user_id: string; img_path: string };
const COLUMNS = 'user_id, first_name, last_name, birthts, img_path';
const codec = rowCodec(USERS);
const asUser = (row: StoredRow): Row => ({ ...row, img_path: row.img_path || null });

/** The users of the newest generation, in byte order of their ids; they may be written up to the one before. */
export function newestUsers(db: StateFile): () => Row | undefined {
  const after = db.prepare<[string, number, number], StoredRow>(
    `SELECT ${COLUMNS} FROM ${ROWS_TABLE} WHERE user_id > ? AND ${VALID_UNTIL} = ? ORDER BY user_id LIMIT ?`,
  );
  let page: StoredRow[] = [];
  let at = 0;
  let isLast = false;
  return () => {
    if (at === page.length) {
      if (isLast) return undefined;
      page = after.all(page.at(-1)?.user_id ?? '', STILL_VALID, PAGE);
      isLast = page.length < PAGE;
      at = 0;
    }
    const row = page[at++];
    return row && asUser(row);
  };
}

/** One user of the newest generation. */
export function newestUser(db: StateFile): (userId: string) => Row | undefined {
  const one = db.prepare<[string, number], StoredRow>(
    `SELECT ${COLUMNS} FROM ${ROWS_TABLE} WHERE user_id = ? AND ${VALID_UNTIL} = ?`,
  );
  return (userId) => {
    const row = one.get(userId, STILL_VALID);
    return row && asUser(row);
  };
}

/**
 * Writes what a generation changes: the version before ends, the new one begins, the figures by birth day follow.
 *
 * @param isFirst when there is no generation before, nobody will ask what has changed since
 */
export function openRowVersions(db: StateFile, generation: number, isFirst: boolean) {
  const begin = bulkInsert(db, `INSERT INTO ${ROWS_TABLE}`, 8)();
  const change = bulkInsert(db, `INSERT INTO ${CHANGES_TABLE}`, 2)();
  const end = db.prepare<[number, string, number]>(
    `UPDATE ${ROWS_TABLE} SET ${VALID_UNTIL} = ? WHERE user_id = ? AND ${VALID_UNTIL} = ?`,
  );
  const bornDiffer: BornDiffer = [new Map(), new Map()];
  function count({ birthts, img_path }: Row, difference: 1 | -1): void {
    const days = bornDiffer[img_path === null ? 0 : 1];
    const day = utcDay(Number(birthts));
    days.set(day, (days.get(day) ?? 0) + difference);
  }

  return {
    /** A user is added (no `before`), removed (no `now`), or updated. */
    write(before: Row | undefined, now: Row | undefined): void {
      if (before) {
        end.run(generation, String(before.user_id), STILL_VALID);
        count(before, -1);
      }
      if (now) {
        const { user_id = '', first_name = '', last_name = '', birthts = 0, img_path } = now;
        const csv = codec.quotedLine(now);
        begin.add(user_id, generation, STILL_VALID, birthts, img_path ?? '', first_name, last_name, csv);
        count(now, 1);
      }
      const userId = (now ?? before)?.user_id;
      if (!isFirst && userId !== undefined) change.add(generation, userId);
    },
    /** Nothing is written for certain before. */
    flush(): void {
      begin.flush();
      change.flush();
      writeBirthDays(db, generation, bornDiffer);
    },
  };
}

/** By how many users of a UTC day it differs: of those without an image, and of those with one. */
type BornDiffer = readonly [withoutImage: Map<number, number>, withImage: Map<number, number>];

function writeBirthDays(db: StateFile, generation: number, bornDiffer: BornDiffer): void {
  const known = db
    .prepare<[number, number, number], number>(
      `SELECT count FROM ${DAY_COUNTS_TABLE} WHERE day = ? AND companions = ? AND ${VALID_UNTIL} = ?`,
    )
    .pluck();
  const end = db.prepare<[number, number, number, number]>(
    `UPDATE ${DAY_COUNTS_TABLE} SET ${VALID_UNTIL} = ? WHERE day = ? AND companions = ? AND ${VALID_UNTIL} = ?`,
  );
  const begin = db.prepare<[number, number, number, number, number]>(
    `INSERT INTO ${DAY_COUNTS_TABLE} VALUES (?, ?, ?, ?, ?)`,
  );
  for (const [hasImage, days] of bornDiffer.entries()) {
    for (const [day, difference] of days) {
      if (difference === 0) continue;
      const before = known.get(day, hasImage, STILL_VALID);
      if (before !== undefined) end.run(generation, day, hasImage, STILL_VALID);
      const users = (before ?? 0) + difference;
      if (users > 0) begin.run(day, hasImage, generation, STILL_VALID, users);
    }
  }
}
