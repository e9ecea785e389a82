import t from 'tap';
import type { Claim } from '../match/match.ts';
import { aggregate } from './aggregate.ts';

const NOW = Date.UTC(2026, 5, 1);
const ADA = { first_name: 'Ada', last_name: 'Lovelace', birthts: 5 };
const OLD = { first_name: 'Augusta', last_name: 'Byron', birthts: 4 };
const FAULT = { reason: 'no_record', detail: 'a header and nothing below it' } as const;
const claim = (records: string[], image?: string): Claim => ({
  records: records.map((key) => ({ key, etag: 'e', size: 5 })),
  image,
  images: image === undefined ? 0 : 1,
  strangers: [],
});
const user = (values: typeof ADA, img_path: string | null = null) => ({ user_id: '7', ...values, img_path });

t.test('a good record is a row, with its image', async (t) => {
  t.same(aggregate('7', claim(['7.csv']), ADA, undefined, 'src', NOW), { user: user(ADA), rejects: [] });
  t.same(aggregate('7', claim(['7.csv'], 'a/7.png'), ADA, OLD, 'src', NOW).user, user(ADA, 'src/a/7.png'));
});

t.test('a bad one is a reject, and keeps what was good before', async (t) => {
  const reject = { key: '7.csv', id: '7', ...FAULT };
  t.same(aggregate('7', claim(['7.csv'], '7.png'), FAULT, undefined, 'src', NOW), {
    user: undefined,
    rejects: [{ ...reject, kept_previous: false }],
  });
  t.same(aggregate('7', claim(['7.csv'], '7.png'), FAULT, OLD, 'src', NOW), {
    user: user(OLD, 'src/7.png'),
    rejects: [{ ...reject, kept_previous: true }],
  });
});

t.test('the image is the one of now, whatever the record', async (t) => {
  const before = { ...OLD, user_id: '7', img_path: 'src/7.gif' };
  t.equal(aggregate('7', claim(['7.csv']), FAULT, before, 'src', NOW).user?.img_path, null);
});

t.test('whether a birth is yet to come is up to the clock', async (t) => {
  const born = { ...ADA, birthts: NOW + 1 };
  t.match(aggregate('7', claim(['7.csv']), born, OLD, 'src', NOW), {
    user: user(OLD),
    rejects: [{ reason: 'birthts_in_future', kept_previous: true, detail: /2026-06-01T00:00:00.001Z/ }],
  });
  t.same(aggregate('7', claim(['7.csv']), born, OLD, 'src', NOW + 1), { user: user(born), rejects: [] });
});

t.test('the others who claim a user are rejects, also beside a broken owner', async (t) => {
  const duplicates = ['b/7.csv', 'c/7.csv'].map((key) => ({
    key,
    id: '7',
    reason: 'duplicate_user',
    detail: 'the user belongs to a/7.csv',
    kept_previous: false,
  }));
  const all = claim(['a/7.csv', 'b/7.csv', 'c/7.csv']);
  t.same(aggregate('7', all, ADA, undefined, 'src', NOW), { user: user(ADA), rejects: duplicates });
  const { user: none, rejects } = aggregate('7', all, FAULT, undefined, 'src', NOW);
  t.equal(none, undefined);
  t.same(rejects.slice(1), duplicates);
});
