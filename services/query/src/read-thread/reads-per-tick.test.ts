import t from 'tap';
import { openReadsPerTickLimiter } from './reads-per-tick.ts';

t.test(
  'at most the given number of reads start per tick, in their order, and all of them in the end',
  async (t) => {
    const { acquire } = openReadsPerTickLimiter(3);
    const ticks: number[][] = [[]];
    let isOver = false;
    const count = () => {
      if (isOver) return;
      ticks.push([]);
      setImmediate(count);
    };
    setImmediate(count);
    const all = Array.from({ length: 10 }, async (_, i) => {
      await acquire();
      ticks.at(-1)?.push(i);
    });
    await Promise.all(all);
    isOver = true;
    t.same(ticks.flat(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    t.ok(
      ticks.every(({ length }) => length <= 3),
      JSON.stringify(ticks),
    );
    t.equal(acquire(), undefined, 'a later read starts at once');
  },
);

t.test('a read that comes while others wait starts after them', async (t) => {
  const { acquire } = openReadsPerTickLimiter(1);
  const order: string[] = [];
  const go = async (name: string) => {
    await acquire();
    order.push(name);
  };
  const first = [go('a'), go('b'), go('c')];
  await new Promise(setImmediate);
  await Promise.all([...first, go('d')]);
  t.same(order, ['a', 'b', 'c', 'd']);
});
