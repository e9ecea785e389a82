import { birthsIn, fingerprint, usersIn } from './answers.ts';
import type { Contender } from './contender.ts';
import { meanQueries, pageQueries } from './peer-requests.ts';

/** Number of pages and means to compare. */
const COMPARED = 5;
const SEED = 2;

/** Landfall's answers, as the reference. */
interface Expected {
  pages: string[][];
  /** The births of the users whose mean age is requested, ms since 1970 UTC. */
  births: number[][];
  all: string;
}

/** Records Landfall's answers. Its means are verified like those of the others. */
export async function expectedOf(
  landfall: Pick<Contender, 'ask' | 'serving'>,
  users: number,
): Promise<Expected> {
  const births: number[][] = [];
  for (const query of meanQueries(COMPARED, SEED)) {
    // The same filter, of the users themselves.
    const { path } = landfall.serving.mean(query);
    births.push(birthsIn(await landfall.ask({ path: path.replace('/stats', '/data') })));
  }
  const pages: string[][] = [];
  for (const query of pageQueries(users, COMPARED, SEED)) {
    pages.push(usersIn(await landfall.ask(landfall.serving.page(query))));
  }
  return { pages, births, all: fingerprint(usersIn(await landfall.ask(landfall.serving.all))) };
}

/** Compares the answers of a program with the reference; returns the verdict as text. */
export async function verdictOn(
  { ask, serving }: Pick<Contender, 'ask' | 'serving'>,
  expected: Expected,
  users: number,
): Promise<string> {
  const wrong: string[] = [];
  const check = async (what: string, isRight: () => Promise<boolean>) => {
    const verdict = await isRight().catch(String);
    if (verdict !== true) wrong.push(verdict === false ? what : `${what} (${verdict})`);
  };
  for (const [i, query] of pageQueries(users, COMPARED, SEED).entries()) {
    await check(`page ${i + 1}`, async () => {
      const page = usersIn(await ask(serving.page(query)));
      return page.join() === expected.pages[i]?.join();
    });
  }
  for (const [i, query] of meanQueries(COMPARED, SEED).entries()) {
    await check(`mean ${i + 1}`, async () =>
      serving.isMean(await ask(serving.mean(query)), expected.births[i] ?? []),
    );
  }
  await check('all users', async () => fingerprint(usersIn(await ask(serving.all))) === expected.all);
  return wrong.length === 0
    ? 'the same pages, means and users'
    : `NOT WHAT LANDFALL ANSWERS: ${wrong.join(', ')}`;
}
