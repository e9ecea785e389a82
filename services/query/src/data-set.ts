import { type Manifest, parseManifest } from '@landfall/contracts/manifest';
import type { Reject } from '@landfall/contracts/reject';
import type { User } from '@landfall/contracts/user';
import { openForReading, openStateFile, type StateFile } from '@landfall/state-file/state-file';
import { DATABASE_LAYOUT } from './database-layout.ts';
import { type Filter, whereBirthDays, whereUsers } from './filters.ts';
import { ApiError } from './problems.ts';
import { type BirthDay, type Stats, statsOf } from './stats.ts';

/** An answer, and the generation all of it comes from. */
export interface FromGeneration<T> {
  manifest: Manifest;
  value: T;
}

export type DataSet = ReturnType<typeof openDataSet>;

/** Rows that are read at a time, about 5 ms: then other requests get their turn. */
const ROWS_PER_TURN = 2_000;
/** So many connections stay open for the next who ask for all users. */
const MAX_IDLE = 8;

/**
 * The served data set, for reading. Each answer is read within one transaction, so it belongs to one generation;
 * readers never wait for the loader.
 *
 * @param file a state file of the layout of `database-layout.ts`; made when it is not there
 * @param onDiscard hears why an existing file was thrown away
 */
export function openDataSet(file: string, onDiscard: (why: string) => void) {
  openStateFile(file, DATABASE_LAYOUT, onDiscard).close();
  const db = openForReading(file);
  const idle: StateFile[] = [];

  function manifestOn(connection: StateFile): Manifest | undefined {
    const row = connection.prepare<[], { manifest: string }>('SELECT manifest FROM loaded').get();
    return row && parseManifest(Buffer.from(row.manifest));
  }

  /** @throws ApiError no_data_set */
  function loadedOn(connection: StateFile): Manifest {
    const manifest = manifestOn(connection);
    if (!manifest) throw new ApiError('no_data_set', 'The first data set has not been loaded yet.');
    return manifest;
  }

  function readOnce<T>(read: () => T): FromGeneration<T> {
    return db.transaction(() => ({ manifest: loadedOn(db), value: read() }))();
  }

  return {
    /** The generation that is served; undefined before the first. */
    manifest: (): Manifest | undefined => manifestOn(db),

    /** @throws ApiError no_data_set */
    user: (userId: string): FromGeneration<User | undefined> =>
      readOnce(() => db.prepare<[string], User>('SELECT * FROM users WHERE user_id = ?').get(userId)),

    /** @throws ApiError no_data_set */
    rejects: (): FromGeneration<Reject[]> =>
      readOnce(() =>
        db
          .prepare<[], Omit<Reject, 'kept_previous'> & { kept_previous: 0 | 1 }>(
            'SELECT * FROM rejects ORDER BY key',
          )
          .all()
          .map((row) => ({ ...row, kept_previous: row.kept_previous === 1 })),
      ),

    /**
     * @param now the request's clock, ms since 1970 UTC
     * @throws ApiError no_data_set
     */
    stats: (filter: Filter, now: number): FromGeneration<Stats> =>
      readOnce(() => {
        const { sql, values } = whereBirthDays(filter);
        const days = db.prepare<number[], BirthDay>(
          `SELECT birth_day, sum(users) AS users FROM birth_days ${sql} GROUP BY birth_day`,
        );
        return statsOf(days.all(...values), now);
      }),

    /**
     * The users that match, ordered by user_id, as the bytes of a JSON array. They are read on a connection of
     * their own, with turns for other requests in between, and gathered here: a slow client holds memory, but
     * no read transaction, which would keep the database's log from being reset.
     *
     * @throws ApiError no_data_set
     */
    async usersAsJson(filter: Filter): Promise<FromGeneration<Buffer[]>> {
      const connection = idle.pop() ?? openForReading(file);
      try {
        connection.exec('BEGIN');
        const manifest = loadedOn(connection);
        const value = await readUsers(connection, filter);
        return { manifest, value };
      } finally {
        if (connection.inTransaction) connection.exec('ROLLBACK');
        if (idle.length < MAX_IDLE) idle.push(connection);
        else connection.close();
      }
    },

    close(): void {
      for (const connection of idle) connection.close();
      db.close();
    },
  };
}

async function readUsers(connection: StateFile, filter: Filter): Promise<Buffer[]> {
  const { sql, values } = whereUsers(filter);
  const users = connection.prepare<number[], User>(`SELECT * FROM users ${sql} ORDER BY user_id`);
  const chunks: Buffer[] = [];
  let rows: User[] = [];
  const flush = () => {
    const objects = JSON.stringify(rows).slice(1, -1);
    chunks.push(Buffer.from(chunks.length === 0 ? `[${objects}` : `,${objects}`));
    rows = [];
  };
  for (const user of users.iterate(...values)) {
    rows.push(user);
    if (rows.length < ROWS_PER_TURN) continue;
    flush();
    await new Promise(setImmediate);
  }
  if (rows.length > 0 || chunks.length === 0) flush();
  chunks.push(Buffer.from(']'));
  return chunks;
}
