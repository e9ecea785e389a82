import t from 'tap';
import { birthsIn, fingerprint, isMeanOfBirths, usersIn } from './answers.ts';

const ada = { user_id: '1', first_name: 'Ada', last_name: 'Lovelace', birthts: -4_861_728_000_000 };
const alan = { ...ada, user_id: '2', birthts: 10, img_path: 'src-data/2.png' };
const answer = (value: unknown) => Buffer.from(JSON.stringify(value));

t.test('rows are equal for every notation of a missing image', async (t) => {
  const [none] = usersIn(answer([ada]));
  t.same(usersIn(answer([{ ...ada, img_path: null }])), [none]);
  t.same(usersIn(answer([{ ...ada, img_path: '' }])), [none]);
  t.not(usersIn(answer([{ ...ada, birthts: 0 }]))[0], none);
  t.same(birthsIn(answer([ada, alan])), [ada.birthts, 10]);
});

t.test('the fingerprint does not depend on the order', async (t) => {
  const users = usersIn(answer([ada, alan]));
  t.equal(fingerprint(users.toReversed()), fingerprint(users));
  t.not(fingerprint(users.slice(1)), fingerprint(users));
});

t.test('a mean is compared with a tolerance, a count exactly', async (t) => {
  t.ok(isMeanOfBirths(answer({ count: 2, mean: 15 }), [10, 20]));
  t.ok(isMeanOfBirths(answer([{ count: 2, mean: 15.5 }]), [10, 20]), 'as the row of a result');
  t.notOk(isMeanOfBirths(answer({ count: 3, mean: 15 }), [10, 20]));
  t.notOk(isMeanOfBirths(answer({ count: 2, mean: 1_000 }), [10, 20]));
});

t.test('an answer of another form is an error', async (t) => {
  t.throws(() => usersIn(answer({ error: 'no' })), /something else.*no/);
  t.throws(() => isMeanOfBirths(answer({ count: 'two' }), []), /something else/);
});
