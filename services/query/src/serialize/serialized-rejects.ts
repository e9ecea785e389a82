import type { Reject } from '@landfall/contracts/dataset/reject';
import { formatReject } from '@landfall/contracts/dataset/reject-codec';
import { REJECT_COLUMNS, REJECTS_TABLE, VALID_FROM } from '../database/identifiers.ts';
import { type At, COUNT, type Reader } from '../database/snapshot-reader.ts';
import { validAt } from '../database/visibility.ts';
import { rowsThatFit, type Written, written } from './serialized-chunk.ts';
import type { Manner } from './serialized-scan.ts';

/** Which rejects are to be written, and how. */
export interface RejectsWanted {
  at: At;
  manner: Manner;
  /** At most, rows. */
  limit: number;
}

type Row = [
  validFrom: number,
  key: string,
  userId: string,
  reason: Reject['reason'],
  detail: string,
  since: string,
  keptPrevious: 0 | 1,
];

/**
 * The rejects of one generation, by ascending key, some at a time.
 *
 * @param atATime rejects per read, at most
 * @throws ApiError generation_gone
 */
export async function* writeRejects(
  reader: Reader,
  { at, manner, limit }: RejectsWanted,
  atATime: number,
): AsyncGenerator<Written> {
  const valid = validAt(at);
  const sql = `SELECT ${VALID_FROM}, ${REJECT_COLUMNS.join()} FROM ${REJECTS_TABLE}
    WHERE (key, ${VALID_FROM}) > (?, ?) AND ${valid.sql} ORDER BY key, ${VALID_FROM} LIMIT ${COUNT}`;
  let last: [key: string, validFrom: number] = ['', 0];
  let left = limit;
  let isFirst = true;
  let fitting = atATime;
  for (;;) {
    const [position, count] = [last, Math.min(left, fitting)];
    const rows = reader.at(at, () => reader.rows<Row>(sql, ...position, ...valid.values, count));
    if (rows.length > 0) {
      const piece = written(rows.map(textAs[manner.as]), manner.between, isFirst);
      fitting = Math.min(atATime, rowsThatFit(rows.length, piece.text));
      isFirst = false;
      yield piece;
    }
    left -= rows.length;
    const end = rows.at(-1);
    if (!end || rows.length < count || left === 0) return;
    last = [end[1], end[0]];
    await new Promise(setImmediate);
  }
}

const textAs: Record<Manner['as'], (row: Row) => string> = {
  json: (row) => jsonOf(rejectOf(row)),
  csv: (row) => formatReject(rejectOf(row)).slice(0, -1),
};

const rejectOf = ([, key, id, reason, detail, since, kept]: Row): Reject => ({
  ...{ key, id, reason, detail, since },
  kept_previous: kept === 1,
});

function jsonOf({ key, id, reason, detail, since, kept_previous }: Reject): string {
  return JSON.stringify({ key, user_id: id, reason, detail, since, kept_previous });
}
