import t from 'tap';
import type { Change } from '../api.js';
import { describe, withChanges } from './changes.js';

const change = (id: string, kind: Change['change'], generation: number): Change => ({
  change: kind,
  generation,
  id,
  row: kind === 'removed' ? null : { user_id: id },
});

t.test('the latest changes come first, one for each user', async (t) => {
  const first = withChanges([], [change('1', 'added', 2), change('2', 'added', 2)], 10);
  const then = withChanges(first, [change('1', 'removed', 3)], 20);
  t.same(
    then.map(({ change: { id, change: kind }, at }) => [id, kind, at]),
    [
      ['1', 'removed', 20],
      ['2', 'added', 10],
    ],
  );
  const many = Array.from({ length: 30 }, (_, i) => change(String(i), 'added', 4));
  t.equal(withChanges(then, many, 30)[0]?.change.id, '29');
  t.equal(withChanges(then, many, 30).length, 6);
});

t.test('in words', async (t) => {
  t.equal(describe('Users', [], false), '');
  t.equal(
    describe('Users', [change('1', 'added', 2), change('2', 'removed', 2)], false),
    'Users: 1 added, 1 removed.',
  );
  t.match(describe('Users', [change('1', 'added', 2)], true), /^More than 1/);
});
