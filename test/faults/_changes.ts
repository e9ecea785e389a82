import type { FaultFixture } from './_fault-fixture.ts';
import { goodValues } from './_oracle.ts';

/** Random changes of the source bucket, with the history of all rows. */
export function openChanges(fixture: FaultFixture, users: number) {
  const { random } = fixture;
  let count = 0;
  /** Every row that each id ever had, and whether the test has ever removed it. */
  const everPut = new Map<string, Set<string>>();
  const removed = new Set<string>();

  async function put(id: string): Promise<void> {
    const text = `first_name, last_name, birthts\nName${++count}, Tester, ${random.below(1_000_000_000)}\n`;
    const values = goodValues(text) ?? '';
    everPut.set(id, (everPut.get(id) ?? new Set()).add(values));
    await fixture.putRaw(`${id}.csv`, text);
  }

  return {
    put,
    async fill(): Promise<void> {
      for (let id = 0; id < users; id++) await put(String(1_000 + id));
    },
    /** A user is put, overwritten or removed, or an image comes or goes. */
    async one(): Promise<void> {
      const id = String(1_000 + random.below(users));
      const what = random.below(10);
      if (what < 6) await put(id);
      else if (what === 6) {
        removed.add(id);
        await fixture.remove(`${id}.csv`);
      } else if (what === 7) await fixture.remove(`${id}.png`);
      else await fixture.putRaw(`${id}.png`, `face ${++count}`);
    },
    /**
     * What a published output.csv says that was never so: a row with other values than were ever put, or a user who is
     * missing and was never removed.
     *
     * @param mayBeMissing users that the mirror need not have seen yet
     */
    lies(output: string, mayBeMissing: ReadonlySet<string> = new Set()): string[] {
      const rows = new Map(
        output
          .split('\n')
          .slice(1, -1)
          .map((line) => [line.split(',')[0] ?? '', line.split(',').slice(1, 4).join()]),
      );
      const invented = [...rows].filter(([id, values]) => !everPut.get(id)?.has(values));
      const lost = [...everPut.keys()].filter(
        (id) => !rows.has(id) && !removed.has(id) && !mayBeMissing.has(id),
      );
      return [...invented.map(([id]) => `${id} is invented`), ...lost.map((id) => `${id} is lost`)];
    },
  };
}
