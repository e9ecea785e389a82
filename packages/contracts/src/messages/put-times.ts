import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { RunReport } from './run.ts';

/** Most entries of `PutTimes`. */
export const MAX_PUT_TIMES = 200;

/**
 * When the objects were put that a run published: pairs of a time (ms since 1970 UTC, rounded down) and a number of objects. The report
 * of a run that published has them, for the query service alone: the API does not answer them.
 */
const PutTimes = Type.Array(Type.Tuple([Type.Number(), Type.Integer({ minimum: 1 })]), {
  maxItems: MAX_PUT_TIMES,
});
export type PutTimes = Static<typeof PutTimes>;

/** A report as it is sent on the bus. */
export type SentReport = RunReport & { put_times?: PutTimes };

const isPutTimes = Compile(PutTimes);

/** The put times of a report; none when it has none, or invalid ones. */
export function putTimesOf(report: RunReport): PutTimes {
  const value = 'put_times' in report ? report.put_times : undefined;
  return isPutTimes.Check(value) ? value : [];
}
