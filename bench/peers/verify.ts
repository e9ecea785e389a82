import { birthsIn, fingerprint, usersIn } from './answers.ts';
import type { Contender } from './contender.ts';
import { meanQuestions, pageQuestions } from './peer-questions.ts';

/** So many pages and means are compared. */
const COMPARED = 5;
const SEED = 2;

/** What Landfall answered, for others to be compared with. */
interface Expected {
  pages: string[][];
  /** The births of those whose mean is asked for, ms since 1970 UTC. */
  births: number[][];
  all: string;
}

/** @throws Error when Landfall's own figures are not those of its own users */
export async function expectedOf(landfall: Contender, users: number): Promise<Expected> {
  const births: number[][] = [];
  for (const question of meanQuestions(COMPARED, SEED)) {
    // The same filter, of the users themselves.
    const { path } = landfall.serving.mean(question);
    births.push(birthsIn(await landfall.ask({ path: path.replace('/stats', '/data') })));
  }
  const pages: string[][] = [];
  for (const question of pageQuestions(users, COMPARED, SEED)) {
    pages.push(usersIn(await landfall.ask(landfall.serving.page(question))));
  }
  return { pages, births, all: fingerprint(usersIn(await landfall.ask(landfall.serving.all))) };
}

/** Whether a program answers the same, in words. */
export async function verdictOn(
  { ask, serving }: Contender,
  expected: Expected,
  users: number,
): Promise<string> {
  const wrong: string[] = [];
  const check = (what: string, isRight: boolean) => isRight || wrong.push(what);
  for (const [i, question] of pageQuestions(users, COMPARED, SEED).entries()) {
    const page = usersIn(await ask(serving.page(question)));
    check(`page ${i + 1}`, page.join() === expected.pages[i]?.join());
  }
  for (const [i, question] of meanQuestions(COMPARED, SEED).entries()) {
    check(`mean ${i + 1}`, serving.isMean(await ask(serving.mean(question)), expected.births[i] ?? []));
  }
  const all = usersIn(await ask(serving.all));
  check(`all users, of whom it has ${all.length.toLocaleString('en')}`, fingerprint(all) === expected.all);
  return wrong.length === 0 ? 'answers what Landfall does' : `ANSWERS OTHERWISE: ${wrong.join(', ')}`;
}
