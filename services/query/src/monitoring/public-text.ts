import { isReport, type Run } from '@landfall/contracts/messages/run';
import { truncate } from '../errors/truncate.ts';
import type { Status } from './health-status.ts';

/** Characters of an error of a run. */
const MAX_ERROR = 1_000;
/** Conditions of a run, the worst first. */
const MAX_CONDITIONS = 20;

/**
 * A run as clients see it: of bounded size, and without the folder names of the ingestor's machine, which errors of its file
 * system contain.
 */
export function publicRun<R extends Run>(run: R): R {
  if (!isReport(run)) return run;
  const { error, conditions } = run;
  return {
    ...run,
    // For the metrics alone. JSON leaves an undefined member out.
    ...('put_times' in run && { put_times: undefined }),
    error: error === null ? null : publicText(error),
    ...(conditions && {
      conditions: conditions
        .slice(0, MAX_CONDITIONS)
        .map((each) => ({ ...each, detail: publicText(each.detail) })),
    }),
  };
}

/** The status as clients see it. Its reasons may quote the report of a run. */
export const publicStatus = (status: Status): Status => ({
  ...status,
  reasons: status.reasons.map((reason) => ({ ...reason, detail: publicText(reason.detail) })),
});

/** Text of another service as clients see it. */
export const publicText = (text: string): string =>
  truncate(text, MAX_ERROR).replace(QUOTED_PATH, '$1…/$2').replace(ABSOLUTE_PATH, '$1…/$2');

/** A quoted path may contain blanks. */
const QUOTED_PATH = /(['"`])(?:[A-Za-z]:)?\/(?:[^/'"`]+\/)+([^/'"`]*)/g;
/** An absolute path with at least two folders. `src-data/a/b.csv` stays as it is. */
const ABSOLUTE_PATH = /(^|[\s'"`(=:<[,])(?:file:\/\/|[A-Za-z]:)?\/(?:[^/\s'"`()]+\/)+([^/\s'"`()]*)/g;
