import t from 'tap';
import { openTurnstile } from './reads-per-tick.ts';

t.test('so many pass in a turn, in their order, and all of them in the end', async (t) => {
  const { pass } = openTurnstile(3);
  const turns: number[][] = [[]];
  let isOver = false;
  const count = () => {
    if (isOver) return;
    turns.push([]);
    setImmediate(count);
  };
  setImmediate(count);
  const all = Array.from({ length: 10 }, async (_, i) => {
    await pass();
    turns.at(-1)?.push(i);
  });
  await Promise.all(all);
  isOver = true;
  t.same(turns.flat(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  t.ok(
    turns.every(({ length }) => length <= 3),
    JSON.stringify(turns),
  );
  t.equal(pass(), undefined, 'and whoever comes later need not wait');
});

t.test('who comes while others wait comes behind them', async (t) => {
  const { pass } = openTurnstile(1);
  const order: string[] = [];
  const go = async (name: string) => {
    await pass();
    order.push(name);
  };
  const first = [go('a'), go('b'), go('c')];
  await new Promise(setImmediate);
  await Promise.all([...first, go('d')]);
  t.same(order, ['a', 'b', 'c', 'd']);
});
