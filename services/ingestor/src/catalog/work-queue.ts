import type { StateFile } from '@landfall/state-file/state-file';

/**
 * So many users are looked at together: four for each that may be read at once. Of more, too much would outlive V8's young
 * generation, and be kept for long; of fewer, requests would wait for each other too often.
 */
const BATCH = 256;

/** What no id contains: a key's last segment is one. JSON.parse would look up each short id among all it ever made. */
const SEPARATOR = '/';

/** Users who are to be looked at together. */
export interface DueBatch {
  batch: number;
  userIds: string[];
}

/** The part of the catalog that knows whose row is yet to be made of their objects. */
export function openDue(db: StateFile) {
  const put = db.prepare<[number, string]>('INSERT INTO due (users, user_ids) VALUES (?, ?)');
  const after = db.prepare<[number], { batch: number; user_ids: string }>(
    'SELECT batch, user_ids FROM due WHERE batch > ? ORDER BY batch LIMIT 1',
  );
  const drop = db.prepare<[number]>('DELETE FROM due WHERE batch = ?');
  const count = db.prepare<[], number>('SELECT coalesce(sum(users), 0) FROM due').pluck();

  return {
    /**
     * Notes users as they are found. Who is found again later is noted twice, and looked at twice, unless that comes to
     * the same batch: to remember a million users for it would cost more.
     */
    dueWriter() {
      let userIds = new Set<string>();
      function flush(): void {
        if (userIds.size > 0) put.run(userIds.size, [...userIds].join(SEPARATOR));
        // Not cleared: V8 links what a set was to what it becomes, and so one that it has taken for old keeps all after.
        userIds = new Set();
      }
      return {
        add(userId: string): void {
          userIds.add(userId);
          if (userIds.size === BATCH) flush();
        },
        flush,
      };
    },
    /** How many there are, twice those who are noted twice. */
    dueCount: (): number => count.get() ?? 0,
    /** The next ones to be looked at; undefined at the end. */
    dueAfter(batch: number): DueBatch | undefined {
      const row = after.get(batch);
      return row && { batch: row.batch, userIds: row.user_ids.split(SEPARATOR) };
    },
    /** All of these have been looked at. */
    dropDue: (batch: number) => drop.run(batch),
  };
}
