import type { User } from '@landfall/contracts/dataset/users';
import t from 'tap';
import type { Change } from '../../src/http/response/change-schema.ts';
import { describe, withChanges } from './changes.js';

const user = (user_id: string): User => ({
  user_id,
  first_name: 'A',
  last_name: 'B',
  birthts: 0,
  img_path: null,
});
const change = (user_id: string, kind: Change['change'], generation: number): Change => ({
  change: kind,
  generation,
  user_id,
  user: kind === 'removed' ? null : user(user_id),
});

t.test('the latest changes come first, one for each user', async (t) => {
  const first = withChanges([], [change('1', 'added', 2), change('2', 'added', 2)], 10);
  const then = withChanges(first, [change('1', 'removed', 3)], 20);
  t.same(
    then.map(({ change: { user_id, change: kind }, at }) => [user_id, kind, at]),
    [
      ['1', 'removed', 20],
      ['2', 'added', 10],
    ],
  );
  const many = Array.from({ length: 30 }, (_, i) => change(String(i), 'added', 4));
  t.equal(withChanges(then, many, 30)[0]?.change.user_id, '29');
  t.equal(withChanges(then, many, 30).length, 6);
});

t.test('in words', async (t) => {
  t.equal(describe([], false), '');
  t.equal(
    describe([change('1', 'added', 2), change('2', 'removed', 2)], false),
    'Users: 1 added, 1 removed.',
  );
  t.match(describe([change('1', 'added', 2)], true), /^More than 1/);
});
