import type { User } from '@landfall/contracts/dataset/users';
import fc from 'fast-check';
import t from 'tap';
import { users } from '../support/_arbitrary.ts';
import { usersNamed } from '../support/_generation.ts';
import { makeService } from '../support/_service.ts';
import { makeTable, SCAN_LIMIT_CASES } from '../support/_table.ts';

interface Change {
  change: string;
  generation: number;
  user_id: string;
  user: User | null;
}

t.test('/changes lists the rows that differ from an earlier generation', async (t) => {
  const { ask, publish } = await makeService(t);
  const [one, two, three, four] = usersNamed('x', 4);
  if (!one || !two || !three || !four) throw new Error('usersNamed returned fewer than four users');
  const renamed = { ...two, first_name: 'Zoë' };
  await publish(4, [one, two, three]);
  await publish(5, [one, { ...two, first_name: 'Y' }, three, four]);
  await publish(7, [renamed, three, four]);
  const all = [
    { change: 'added', generation: 5, user_id: four.user_id, user: four },
    { change: 'removed', generation: 7, user_id: one.user_id, user: null },
    { change: 'updated', generation: 7, user_id: two.user_id, user: renamed },
  ];
  for (const [since, expected] of [
    [4, all],
    [5, all.slice(1)],
    [7, []],
  ] as const) {
    const { json, headers, status } = await ask(`/changes?since=${since}`);
    t.equal(status, 200);
    t.same(json, expected, `since ${since}`);
    t.match(headers, { 'landfall-generation': '7', 'content-type': /^application\/json/ });
    const lines = await ask(`/changes?since=${since}`, { accept: 'application/x-ndjson' });
    t.equal(lines.text, expected.map((each) => `${JSON.stringify(each)}\n`).join(''));
    t.equal(lines.headers['content-type'], 'application/x-ndjson; charset=utf-8');
  }
  t.match(await ask('/changes?since=4&format=csv'), { status: 400, json: { parameters: ['format'] } });
});

t.test('a copy that applies /changes equals /data, however often it polls', async (t) => {
  const step = fc.record({ content: users, asks: fc.boolean(), keep: fc.integer({ min: 1, max: 6 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 2, maxLength: 8 }),
      fc.constantFrom(...SCAN_LIMIT_CASES),
      async (steps, scanLimits) => {
        const table = makeTable(scanLimits);
        try {
          let copy: { generation: number; users: Map<string, User> } | undefined;
          for (const [i, { content, asks, keep }] of steps.entries()) {
            const at = await table.load(i + 1, content);
            table.prune(Math.max(1, i + 2 - keep));
            const since = table.dataSet.generations
              .all()
              .find((each) => each.generation === copy?.generation);
            // A copy whose generation is pruned starts again.
            if (!copy || !since) copy = { generation: i + 1, users: byId(content) };
            if (!asks || !since) continue;
            const before = copy.users;
            const after = new Map(before);
            const changes = await table.changes(since, at);
            t.equal(new Set(changes.map(({ user_id: id }) => id)).size, changes.length, 'each user once');
            for (const change of changes) apply(after, change);
            t.same(after, byId(content), 'the copy equals the data set');
            const differing = [...before, ...after].filter(
              ([id]) => JSON.stringify(before.get(id)) !== JSON.stringify(after.get(id)),
            );
            t.equal(changes.length, new Set(differing.map(([id]) => id)).size, 'no other row is listed');
            copy = { generation: at.generation, users: after };
          }
        } finally {
          await table.close();
        }
      },
    ),
    { numRuns: 30 },
  );
});

const byId = (content: readonly User[]) => new Map(content.map((user) => [user.user_id, user]));

/** Applies a change to a copy; throws when it does not fit. */
function apply(copy: Map<string, User>, { change, user_id: id, user }: Change): void {
  if (copy.has(id) !== (change !== 'added')) throw new Error(`${change} ${id}`);
  if ((user === null) !== (change === 'removed')) throw new Error(`${change} ${id} ${user}`);
  if (user) copy.set(id, user);
  else copy.delete(id);
}
