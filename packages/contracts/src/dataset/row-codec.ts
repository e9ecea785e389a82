import { Compile } from 'typebox/compile';
import { DELTA_COLUMNS, OUTPUT_COLUMNS, REJECT_COLUMNS } from './columns.ts';
import { csvLine, NEEDS_QUOTES } from './csv-line.ts';
import { DataSetFormatError, readRows, rowOf } from './csv-reader.ts';
import { Reject } from './reject.ts';
import type { User } from './user.ts';

/** A user as they are now, or, without, one who is not there any more. */
export interface UserChange {
  user_id: string;
  user: User | undefined;
}

const INTEGER = /^-?\d+$/;
/** Five values of which none needs quotes. */
const PLAIN_LINE = /^(?:[^",\r\n]*,){4}[^",\r\n]*\n$/;
const isReject = Compile(Reject);

/** The first line of output.csv. */
export const outputHeader = (): string => csvLine([...OUTPUT_COLUMNS]);
/** One line of output.csv, with its `\n`. The same user always gives the same bytes. */
export function outputLine({ user_id, first_name, last_name, birthts, img_path }: User): string {
  const plain = `${user_id},${first_name},${last_name},${birthts},${img_path ?? ''}\n`;
  if (PLAIN_LINE.test(plain)) return plain;
  return csvLine([user_id, first_name, last_name, String(birthts), img_path ?? '']);
}
/** The same without the `\n`, when it is more than the values with commas between; else null. */
export const quotedOutputLine = (user: User): string | null =>
  isQuoted(user) ? outputLine(user).slice(0, -1) : null;

const isQuoted = ({ user_id, first_name, last_name, img_path }: User): boolean =>
  NEEDS_QUOTES.test(user_id) ||
  NEEDS_QUOTES.test(first_name) ||
  NEEDS_QUOTES.test(last_name) ||
  NEEDS_QUOTES.test(img_path ?? '');

/**
 * The user of a line of output.csv.
 *
 * @throws DataSetFormatError when it is not what `outputLine` writes
 */
export function parseOutputLine(line: string): User {
  const fields = rowOf(line);
  const user = fields.length === OUTPUT_COLUMNS.length ? asUser(fields) : undefined;
  if (!user) throw new DataSetFormatError(`no line of output.csv: ${line}`);
  return user;
}

/** The first line of a delta. */
export const deltaHeader = (): string => csvLine([...DELTA_COLUMNS]);
/** One line of a delta, with its `\n`: `put` and the user, or `remove` and the id alone. */
export const deltaLine = ({ user_id, user }: UserChange): string =>
  user ? `put,${outputLine(user)}` : csvLine(['remove', user_id, '', '', '', '']);

/**
 * Reads output.csv, many rows at a time, in the file's order.
 *
 * @throws DataSetFormatError when a row or the header is not what `outputLine` writes
 */
export function readOutput(text: AsyncIterable<Uint8Array>): AsyncGenerator<User[]> {
  return read(text, OUTPUT_COLUMNS, asUser);
}

function asUser([user_id = '', first_name = '', last_name = '', birthts = '', img_path]: string[]):
  | User
  | undefined {
  if (!INTEGER.test(birthts)) return undefined;
  return { user_id, first_name, last_name, birthts: Number(birthts), img_path: img_path || null };
}

/**
 * Reads a delta, many rows at a time, in the file's order.
 *
 * @throws DataSetFormatError when a row or the header is not what `deltaLine` writes
 */
export function readDelta(text: AsyncIterable<Uint8Array>): AsyncGenerator<UserChange[]> {
  return read(text, DELTA_COLUMNS, ([change, ...fields]) => {
    const [user_id] = fields;
    if (change === 'remove' && user_id !== undefined) return { user_id, user: undefined };
    const user = change === 'put' ? asUser(fields) : undefined;
    return user && { user_id: user.user_id, user };
  });
}

/**
 * Reads rejects.csv, many rows at a time, in the file's order.
 *
 * @throws DataSetFormatError when a row or the header is not what `rejectLine` writes
 */
export function readRejects(text: AsyncIterable<Uint8Array>): AsyncGenerator<Reject[]> {
  return read(text, REJECT_COLUMNS, ([key, user_id, reason, detail, since, kept]) => {
    const reject = { key, user_id, reason, detail, since, kept_previous: kept === 'true' };
    return isReject.Check(reject) ? reject : undefined;
  });
}

async function* read<Row>(
  text: AsyncIterable<Uint8Array>,
  columns: readonly string[],
  toRow: (fields: string[]) => Row | undefined,
): AsyncGenerator<Row[]> {
  let records = 0;
  for await (const batch of readRows(text)) {
    const rows: Row[] = [];
    for (const fields of batch) {
      if (records++ === 0) expectHeader(fields, columns);
      else rows.push(expectRow(fields.length === columns.length ? toRow(fields) : undefined, records));
    }
    yield rows;
  }
  if (records === 0) throw new DataSetFormatError('no header');
}

function expectHeader(fields: string[], columns: readonly string[]): void {
  if (fields.join() !== columns.join()) throw new DataSetFormatError(`unknown columns: ${fields.join()}`);
}

function expectRow<Row>(row: Row | undefined, record: number): Row {
  if (row === undefined) throw new DataSetFormatError(`record ${record} is not valid`);
  return row;
}
