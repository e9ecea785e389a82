import { USERS } from '@landfall/contracts/dataset/users';
import t from 'tap';
import type { RowObjects } from '../match/match.ts';
import type { Reading, RecordValues } from '../source/record.ts';
import { aggregate } from './aggregate.ts';

const NOW = Date.UTC(2026, 5, 1);
const ADA = { first_name: 'Ada', last_name: 'Lovelace', birthts: 5 };
const OLD = { first_name: 'Augusta', last_name: 'Byron', birthts: 4 };
const FAULT = { reason: 'no_record', detail: 'a header without a row' } as const;
const objects = (records: string[], image?: string): RowObjects => ({
  records: records.map((key) => ({ key, etag: 'e', size: 5 })),
  companions: [image],
  companionCount: image === undefined ? 0 : 1,
  invalidCompanions: [],
});
const made = (objects: RowObjects, reading: Reading, previous: RecordValues | undefined, now = NOW) =>
  aggregate(
    { definition: USERS, keyName: 'user_id', bucket: 'src', now },
    '7',
    objects,
    reading,
    () => previous,
  );
const user = (values: typeof ADA, img_path: string | null = null) => ({ user_id: '7', ...values, img_path });

t.test('a valid record is a row with its image', async (t) => {
  t.same(made(objects(['7.csv']), ADA, undefined), { row: user(ADA), rejects: [] });
  t.same(made(objects(['7.csv'], 'a/7.png'), ADA, OLD).row, user(ADA, 'src/a/7.png'));
});

t.test('a broken record is a reject and keeps the previous values', async (t) => {
  const reject = { key: '7.csv', id: '7', ...FAULT };
  t.same(made(objects(['7.csv'], '7.png'), FAULT, undefined), {
    row: undefined,
    rejects: [{ ...reject, kept_previous: false }],
  });
  t.same(made(objects(['7.csv'], '7.png'), FAULT, OLD), {
    row: user(OLD, 'src/7.png'),
    rejects: [{ ...reject, kept_previous: true }],
  });
});

t.test('the image is the current one, also of a broken record', async (t) => {
  const before = { ...OLD, user_id: '7', img_path: 'src/7.gif' };
  t.equal(made(objects(['7.csv']), FAULT, before).row?.img_path, null);
});

t.test('whether a birth is in the future depends on the clock', async (t) => {
  const born = { ...ADA, birthts: NOW + 1 };
  t.match(made(objects(['7.csv']), born, OLD), {
    row: user(OLD),
    rejects: [{ reason: 'birthts_in_future', kept_previous: true, detail: /2026-06-01T00:00:00.001Z/ }],
  });
  t.same(made(objects(['7.csv']), born, OLD, NOW + 1), { row: user(born), rejects: [] });
});

t.test('further records of an id are rejects, also when the first one is broken', async (t) => {
  const duplicates = ['b/7.csv', 'c/7.csv'].map((key) => ({
    key,
    id: '7',
    reason: 'duplicate_user',
    detail: 'a/7.csv has the same id',
    kept_previous: false,
  }));
  const all = objects(['a/7.csv', 'b/7.csv', 'c/7.csv']);
  t.same(made(all, ADA, undefined), { row: user(ADA), rejects: duplicates });
  const { row: none, rejects } = made(all, FAULT, undefined);
  t.equal(none, undefined);
  t.same(rejects.slice(1), duplicates);
});
