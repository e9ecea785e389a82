import fc from 'fast-check';
import t from 'tap';
import { makeWorld, record } from './_ingestor.ts';

/** What is done to the bucket before a run. */
type Step =
  | { what: 'good'; key: string; birthts: number }
  | { what: 'broken'; key: string }
  | { what: 'image'; key: string }
  | { what: 'remove'; key: string };

const RECORDS = ['7.csv', 'a/7.csv', 'b/7.CSV', '8.csv', 'z/8.csv', '9.csv'];
const IMAGES = ['7.png', 'a/7.jpg', 'b/7.PNG', '8.gif', '8.webp', '5.png'];
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    what: fc.constant('good'),
    key: fc.constantFrom(...RECORDS),
    birthts: fc.integer({ min: 0, max: 3 }),
  }),
  fc.record({ what: fc.constant('broken'), key: fc.constantFrom(...RECORDS) }),
  fc.record({ what: fc.constant('image'), key: fc.constantFrom(...IMAGES) }),
  fc.record({ what: fc.constant('remove'), key: fc.constantFrom(...RECORDS, ...IMAGES) }),
);

t.test('after any changes, output.csv and rejects.csv are what a naive model says', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 6 }),
      async (rounds) => {
        const world = await makeWorld(t);
        const model = new Model();
        await world.start();
        for (const [i, round] of rounds.entries()) {
          for (const each of round) {
            model.apply(each);
            if (each.what === 'remove') {
              if (model.removed) world.remove(each.key);
            } else if (each.what === 'good') world.put(each.key, record(each.key, 'x', each.birthts));
            else world.put(each.key, each.what);
          }
          const report = await world.run();
          const { rows, rejects } = model.dataSet();
          t.same(world.rows(), rows);
          t.same(
            (await world.rejects()).map(({ key, reason, kept_previous: kept }) => [key, reason, kept]),
            rejects,
          );
          t.equal(report.orphan_images, model.orphans());
          if (i % 2) {
            await world.stop();
            await world.start();
          }
        }
        await world.stop();
      },
    ),
    { numRuns: 40 },
  );
});

/** The same rules, straight from their text: everything is looked at anew for every run. */
class Model {
  removed = false;
  #files = new Map<string, Step>();
  #lastGood = new Map<string, string>();

  apply(step: Step): void {
    this.removed = step.what === 'remove' && this.#files.delete(step.key);
    if (step.what !== 'remove') this.#files.set(step.key, step);
  }

  dataSet(): { rows: string[]; rejects: unknown[] } {
    const rows: string[] = [];
    const rejects: [string, string, boolean][] = [];
    for (const user of ['7', '8', '9']) {
      const records = this.#of(user, ['csv']);
      const [owner, ...others] = records;
      if (owner === undefined) {
        this.#lastGood.delete(user);
        continue;
      }
      for (const other of others) rejects.push([other, 'duplicate_user', false]);
      const step = this.#files.get(owner);
      if (step?.what === 'good') this.#lastGood.set(user, `${owner},x,${step.birthts}`);
      const values = this.#lastGood.get(user);
      if (step?.what === 'broken') rejects.push([owner, 'missing_column', values !== undefined]);
      const [image] = ['png', 'jpg', 'jpeg', 'webp', 'gif'].flatMap((extension) =>
        this.#of(user, [extension]),
      );
      if (values !== undefined)
        rows.push(`${user},${values},${image === undefined ? '' : `src-data/${image}`}`);
    }
    return { rows, rejects: rejects.sort(([a], [b]) => (a < b ? -1 : 1)) };
  }

  orphans(): number {
    return ['5', '7', '8', '9']
      .filter((user) => this.#of(user, ['csv']).length === 0)
      .reduce((sum, user) => sum + this.#of(user, ['png', 'jpg', 'jpeg', 'webp', 'gif']).length, 0);
  }

  #of(user: string, extensions: string[]): string[] {
    const names = extensions.map((extension) => `${user}.${extension}`);
    return [...this.#files.keys()]
      .filter((key) => names.includes((key.split('/').pop() ?? '').toLowerCase()))
      .sort();
  }
}
