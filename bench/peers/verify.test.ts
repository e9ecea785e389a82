import t from 'tap';
import { isMeanOfBirths } from './answers.ts';
import type { Target } from './peer.ts';
import { expectedOf, verdictOn } from './verify.ts';

const USERS = [10, 30].map((birthts) => ({
  user_id: String(birthts),
  first_name: 'A',
  last_name: 'B',
  birthts,
}));

/** A program that gives the same answer to every query of a kind. */
function program(answers: Record<string, unknown>) {
  const serving = {
    address: '',
    pid: 0,
    page: () => ({ path: '/page' }),
    mean: () => ({ path: '/stats' }),
    all: { path: '/data' },
    isMean: isMeanOfBirths,
    stop: async () => undefined,
  };
  const ask = async ({ path }: Target) => Buffer.from(JSON.stringify(answers[path] ?? { error: 'unknown' }));
  return { serving, ask };
}
const right = { '/page': USERS.slice(1), '/stats': { count: 2, mean: 20 }, '/data': USERS };

t.test('reports how a program’s answers differ', async (t) => {
  const expected = await expectedOf(program(right), 1_000);
  const verdict = (answers: Record<string, unknown>) => verdictOn(program(answers), expected, 1_000);
  t.equal(await verdict(right), 'the same pages, means and users');
  t.match(await verdict({ ...right, '/page': USERS }), /NOT WHAT .*: page 1, page 2.* page 5$/);
  t.match(await verdict({ ...right, '/stats': { count: 2, mean: 1_000 } }), /: mean 1, .* mean 5$/);
  t.match(await verdict({ ...right, '/data': USERS.slice(1) }), /: all users$/);
  t.match(await verdict({ ...right, '/data': undefined }), /: all users \(Error: .*something else.*unknown/);
});
