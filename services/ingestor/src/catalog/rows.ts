import { type RowChange, rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import type { StateFile } from '@landfall/state-file/state-file';
import type { SourceObject } from '../source/source-object.ts';
import { openBlocks } from './storage/packed-table.ts';
import { gatherEdits } from './storage/write-buffer.ts';

const codec = rowCodec(USERS);

/** A user of the data set. */
export interface KeptUser {
  userId: string;
  /** Of output.csv. */
  line: string;
  /** What it was read from (`recordVersion`); null where that is not known. */
  record: string | null;
}

/** A version of a record object, as one text. */
export const recordVersion = ({ key, etag, size }: SourceObject): string => `${etag} ${size} ${key}`;

/** The record object of a version. */
const keyOfRecord = (version: string): string =>
  version.slice(version.indexOf(' ', version.indexOf(' ') + 1) + 1);

/** Blocks of output.csv that are read at a time, some hundred KB: between two reads other work gets its turn. */
const PAGE = 64;

type Columns = [rows: number, csv: string, kept: string];

/** The part of the catalog that has the data set: blocks of output.csv, and what each line was read from. */
export function openKeptUsers(db: StateFile) {
  const blocks = openBlocks<KeptUser, Columns>(db, {
    table: 'users',
    columns: ['rows', 'csv', 'kept'],
    keyOf: ({ userId }) => userId,
    write: writeUsers,
    read: readUsers,
  });
  // As bytes: to make strings of them, and bytes again, takes thrice as long as to hash and write them.
  const linesAfter = db.prepare<[string, number], { first_key: string; rows: number; bytes: Uint8Array }>(
    'SELECT first_key, rows, CAST(csv AS BLOB) AS bytes FROM users WHERE first_key > ? ORDER BY first_key LIMIT ?',
  );

  const rows = db.prepare<[], number>('SELECT coalesce(sum(rows), 0) FROM users').pluck();

  return {
    user: blocks.get,
    userCount: (): number => rows.get() ?? 0,
    /** Writes users in byte order of their ids; nothing is written for certain before `flush`. */
    userWriter() {
      const edits = gatherEdits(blocks.edit);
      return {
        put: (user: KeptUser): void => edits.add(user.userId, user),
        drop: (userId: string): void => edits.add(userId, undefined),
        flush: edits.flush,
      };
    },
    *userIds(): Iterable<string> {
      for (let block = blocks.blockAfter(''); block.length > 0; ) {
        yield* block.map(({ userId }) => userId);
        block = blocks.blockAfter(block.at(-1)?.userId ?? '');
      }
    },
    /** output.csv, some blocks at a time, so that the connection is free in between. */
    async *output(): AsyncIterable<Chunk> {
      yield { rows: 0, bytes: Buffer.from(codec.header) };
      for (let page = linesAfter.all('', PAGE); page.length > 0; ) {
        yield {
          rows: page.reduce((sum, { rows }) => sum + rows, 0),
          bytes: Buffer.concat(page.map(({ bytes }) => bytes)),
        };
        await new Promise(setImmediate);
        page = linesAfter.all(page.at(-1)?.first_key ?? '', PAGE);
      }
    },
    /** What is in the data set of a user now. */
    userChange(userId: string): RowChange {
      const kept = blocks.get(userId);
      return { id: userId, row: kept && codec.parseRow(kept.line) };
    },
    /** The record objects of some users, of the first and of the last ones. */
    recordKeys(): string[] {
      const [first, last] = [blocks.blockAfter(''), blocks.lastBlock()];
      const known = [first[0], last.at(-1), ...first, ...last].flatMap((user) => user?.record ?? []);
      return [...new Set(known.map(keyOfRecord))];
    },
    forgetUsers: blocks.clear,
    letGoOfUsers: blocks.letGo,
  };
}

/** Beside the lines, in turn: ids, how many characters the line has, and versions. */
function writeUsers(users: readonly KeptUser[]): Columns {
  let csv = '';
  const kept: (string | number | null)[] = [];
  for (const { userId, line, record } of users) {
    csv += line;
    kept.push(userId, line.length, record);
  }
  return [users.length, csv, JSON.stringify(kept)];
}

function readUsers([, csv, text]: Columns): KeptUser[] {
  const kept = JSON.parse(text);
  const users: KeptUser[] = [];
  let end = 0;
  for (let i = 0; i < kept.length; i += 3) {
    const start = end;
    end += kept[i + 1];
    users.push({ userId: kept[i], line: csv.slice(start, end), record: kept[i + 2] });
  }
  return users;
}

/** A piece of output.csv. */
export interface Chunk {
  bytes: Uint8Array;
  /** How many lines below the header end in it. */
  rows: number;
}
