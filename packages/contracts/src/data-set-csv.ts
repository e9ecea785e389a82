import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { Compile } from 'typebox/compile';
import { Reject } from './reject.ts';
import { User } from './user.ts';

/** The columns of output.csv, in order. */
export const OUTPUT_COLUMNS = ['user_id', 'first_name', 'last_name', 'birthts', 'img_path'] as const;
/** The columns of rejects.csv, in order. */
export const REJECT_COLUMNS = ['key', 'user_id', 'reason', 'detail', 'since', 'kept_previous'] as const;

/** The columns of a delta, in order. */
export const DELTA_COLUMNS = ['change', ...OUTPUT_COLUMNS] as const;

/** A user as they are now, or, without, one who is not there any more. */
export interface UserChange {
  user_id: string;
  user: User | undefined;
}

/** Thrown when output.csv, a delta or rejects.csv is not as this project writes it. */
export class DataSetFormatError extends Error {
  override name = 'DataSetFormatError';
}

const NEEDS_QUOTES = /[",\r\n]/;
/** Five values of which none needs quotes. */
const PLAIN_LINE = /^(?:[^",\r\n]*,){4}[^",\r\n]*\n$/;
const isUser = Compile(User);
const isReject = Compile(Reject);

/** The first line of output.csv. */
export const outputHeader = (): string => line([...OUTPUT_COLUMNS]);
/** One line of output.csv, with its `\n`. The same user always gives the same bytes. */
export function outputLine({ user_id, first_name, last_name, birthts, img_path }: User): string {
  const line = `${user_id},${first_name},${last_name},${birthts},${img_path ?? ''}\n`;
  if (PLAIN_LINE.test(line)) return line;
  return outputRow([user_id, first_name, last_name, birthts, img_path ?? '']);
}
/** The same of the values of its columns, in their order. */
export const outputRow = (values: readonly (string | number)[]): string => line(values.map(String));

/**
 * The user of a line of output.csv.
 *
 * @throws DataSetFormatError when it is not what `outputLine` writes
 */
export function parseOutputLine(line: string): User {
  const fields = line.includes('"')
    ? parseSync(line, { record_delimiter: '\n' })[0]
    : line.slice(0, -1).split(',');
  const user = fields && asUser(fields);
  if (!user) throw new DataSetFormatError(`no line of output.csv: ${line}`);
  return user;
}

/** The first line of a delta. */
export const deltaHeader = (): string => line([...DELTA_COLUMNS]);
/** One line of a delta, with its `\n`: `put` and the user, or `remove` and the id alone. */
export const deltaLine = ({ user_id, user }: UserChange): string =>
  user ? `put,${outputLine(user)}` : line(['remove', user_id, '', '', '', '']);

/** The first line of rejects.csv. */
export const rejectsHeader = (): string => line([...REJECT_COLUMNS]);
/** One line of rejects.csv, with its `\n`. */
export const rejectLine = (reject: Reject): string =>
  line(REJECT_COLUMNS.map((column) => String(reject[column])));

/** RFC 4180 with `\n`. A bare CR is quoted as well, or a reader may take it for the end of the line. */
function line(fields: string[]): string {
  // csv-stringify costs 10 µs a line; it is needed only where something has to be quoted.
  if (!fields.some((field) => NEEDS_QUOTES.test(field))) return `${fields.join(',')}\n`;
  return stringify([fields], { quoted_match: NEEDS_QUOTES });
}

/**
 * Reads output.csv, row by row, in the file's order.
 *
 * @throws DataSetFormatError when a row or the header is not what `outputLine` writes
 */
export function readOutput(text: AsyncIterable<Uint8Array>): AsyncIterable<User> {
  return read(text, OUTPUT_COLUMNS, asUser);
}

function asUser([user_id, first_name, last_name, birthts, img_path]: string[]): User | undefined {
  const user = { user_id, first_name, last_name, birthts: Number(birthts), img_path: img_path || null };
  return isUser.Check(user) ? user : undefined;
}

/**
 * Reads a delta, row by row, in the file's order.
 *
 * @throws DataSetFormatError when a row or the header is not what `deltaLine` writes
 */
export function readDelta(text: AsyncIterable<Uint8Array>): AsyncIterable<UserChange> {
  return read(text, DELTA_COLUMNS, ([change, ...fields]) => {
    const [user_id] = fields;
    if (change === 'remove' && user_id !== undefined) return { user_id, user: undefined };
    const user = change === 'put' ? asUser(fields) : undefined;
    return user && { user_id: user.user_id, user };
  });
}

/**
 * Reads rejects.csv, row by row, in the file's order.
 *
 * @throws DataSetFormatError when a row or the header is not what `rejectLine` writes
 */
export function readRejects(text: AsyncIterable<Uint8Array>): AsyncIterable<Reject> {
  return read(text, REJECT_COLUMNS, ([key, user_id, reason, detail, since, kept]) => {
    const reject = { key, user_id, reason, detail, since, kept_previous: kept === 'true' };
    return isReject.Check(reject) ? reject : undefined;
  });
}

async function* read<Row>(
  text: AsyncIterable<Uint8Array>,
  columns: readonly string[],
  toRow: (fields: string[]) => Row | undefined,
): AsyncIterable<Row> {
  // One delimiter, named: left to discover it, csv-parse would take a quoted CR in the first rows for it.
  const parser = parse({ record_delimiter: '\n' });
  // An error of `text` is thrown from the loop below: pipeline destroys the parser with it.
  const feeding = pipeline(text, parser).catch(() => undefined);
  let records = 0;
  try {
    for await (const fields of parser as AsyncIterable<string[]>) {
      if (records++ === 0) {
        if (fields.join() !== columns.join())
          throw new DataSetFormatError(`unknown columns: ${fields.join()}`);
        continue;
      }
      const row = toRow(fields);
      if (row === undefined) throw new DataSetFormatError(`record ${records} is not valid`);
      yield row;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')) {
      throw new DataSetFormatError(error.message, { cause: error });
    }
    throw error;
  } finally {
    parser.destroy();
    await feeding;
  }
  if (records === 0) throw new DataSetFormatError('no header');
}
