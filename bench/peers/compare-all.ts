import path from 'node:path';
import { asTargets, type Rate, wrk } from '../query/wrk.ts';
import { median } from '../report/statistics.ts';
import type { Comparison, Measured } from './comparison.ts';
import type { Contender } from './contender.ts';
import { peakMemoryMb } from './peak-memory.ts';
import type { Target } from './peer.ts';
import { meanQueries, pageQueries } from './peer-requests.ts';

/** Landfall first. */
export type Contenders = readonly [Contender, ...Contender[]];

/** Effort of the measurements. */
export interface Effort {
  folder: string;
  users: number;
  rounds: number;
  /** Of each rate in a round, seconds. */
  forS: number;
}

/** Number of distinct requests: more than a round answers. */
const QUERIES = 100_000;
/** Minimum number of answers. With fewer, requests in flight at the end distort the rate. */
const FEW = 128;
/** A program with fewer answers is measured again, longer by this factor. */
const LONGER = 4;

/** Requests of one round; no other round repeats them. */
type Round = (contender: Contender, round: number) => Target[];

/** Measures all figures of all programs in turns, and their start. */
export async function* compareAll(field: Contenders, effort: Effort): AsyncIterable<Comparison> {
  const { users } = effort;
  yield* rates('Page of 100, not cached', field, effort, ({ serving }, round) =>
    pageQueries(users, QUERIES, 100 + round).map(serving.page),
  );
  yield* rates('Mean of a filter, not cached', field, effort, ({ serving }, round) =>
    meanQueries(QUERIES, 200 + round).map(serving.mean),
  );
  yield await wholes(field, effort);
  yield compared('From the file to the first answer', 's', 'less', field, ({ loadMs }) => ({
    value: loadMs / 1_000,
  }));
  yield compared('Memory at the most, for that', 'MB', 'less', field, ({ loadMb }) => ({ value: loadMb }));
  yield compared('Memory at the most, in the end', 'MB', 'less', field, ({ serving }) => ({
    value: peakMemoryMb(serving.pid),
  }));
}

async function* rates(
  title: string,
  field: Contenders,
  effort: Effort,
  asked: Round,
): AsyncIterable<Comparison> {
  const { rounds, forS } = effort;
  const slow = new Set<Contender>();
  const measured = await inTurns(field, rounds, async (contender, round) => {
    if (!slow.has(contender)) {
      const rate = await rateOf(contender, asked(contender, round), effort, forS);
      if (isEnough(rate, forS)) return rate;
      slow.add(contender);
    }
    return await rateOf(contender, asked(contender, rounds + round), effort, forS * LONGER);
  });
  const medianOf = (contender: Contender, what: (rate: Rate) => number) =>
    median(measured(contender).map(what));
  yield compared(title, 'answers a second', 'more', field, (contender) => ({
    value: medianOf(contender, ({ rate }) => rate),
  }));
  yield compared(`${title}: p99`, 'ms', 'less', field, (contender) => {
    if (!measured(contender).every((rate) => isEnough(rate, forS * LONGER))) {
      return { value: undefined, detail: 'too few answers' };
    }
    const p50 = medianOf(contender, ({ p50 }) => p50);
    return { value: medianOf(contender, ({ p99 }) => p99), detail: `p50 ${p50.toFixed(1)} ms` };
  });
}

const isEnough = ({ rate }: Rate, forS: number): boolean => rate * forS >= FEW;

async function rateOf({ serving, ask }: Contender, asked: Target[], { folder, users }: Effort, forS: number) {
  const file = asTargets(path.join(folder, 'peers.targets'), asked.map(targetLine));
  const rate = await wrk(serving.address, file, forS);
  // This request is answered after the abandoned ones, so nothing is left for the next program's turn.
  for (const last of pageQueries(users, 1, 3)) await ask(serving.page(last));
  return rate;
}

async function wholes(field: Contenders, { rounds }: Effort): Promise<Comparison> {
  const measured = await inTurns(field, rounds, ({ askForAll }) => askForAll());
  return compared('All users as JSON', 's', 'less', field, (contender) => {
    const all = measured(contender);
    const [ms, bytes] = [median(all.map(({ ms }) => ms)), median(all.map(({ bytes }) => bytes))];
    return {
      value: ms / 1_000,
      detail: `${Math.round(bytes / 1e6)} MB, ${Math.round(bytes / 1e3 / ms)} MB/s`,
    };
  });
}

/** Measures one program. @throws errors of the program */
async function inTurns<Result>(
  field: Contenders,
  rounds: number,
  measure: (contender: Contender, round: number) => Promise<Result>,
): Promise<(contender: Contender) => Result[]> {
  const results = new Map<Contender, Result[]>(field.map((contender) => [contender, []]));
  const failures = new Map<Contender, unknown>();
  for (let round = 0; round < rounds; round++) {
    for (const [contender, measured] of results) {
      if (failures.has(contender)) continue;
      await measure(contender, round).then(
        (result) => measured.push(result),
        (error) => failures.set(contender, error),
      );
    }
  }
  return (contender) => {
    if (failures.has(contender)) throw failures.get(contender);
    return results.get(contender) ?? [];
  };
}

function compared(
  title: string,
  unit: string,
  better: Comparison['better'],
  [landfall, ...others]: Contenders,
  figure: (contender: Contender) => { value: number | undefined; detail?: string },
): Comparison {
  const of = (contender: Contender): Measured => {
    const { name } = contender;
    try {
      return { name, detail: '', ...figure(contender) };
    } catch (error) {
      return { name, value: undefined, detail: error instanceof Error ? error.message : String(error) };
    }
  };
  return { title, unit, better, ours: of(landfall), others: others.map(of) };
}

const targetLine = ({ path, body }: Target): string => (body === undefined ? path : `${path}\t\t${body}`);
