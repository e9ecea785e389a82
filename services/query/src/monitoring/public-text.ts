import { isReport, type Run } from '@landfall/contracts/messages/run';
import { truncate } from '../errors/truncate.ts';
import type { Status } from './health-status.ts';

/** How long an error of a run may be, characters. */
const MAX_ERROR = 1_000;
/** How many conditions of a run are shown, the worst. */
const MAX_CONDITIONS = 20;

/**
 * A run as clients may see it: of bounded size, and without the folders of the machine on which the ingestor runs, which an
 * error of its file system names.
 */
export function publicRun<R extends Run>(run: R): R {
  if (!isReport(run)) return run;
  const { error, conditions } = run;
  return {
    ...run,
    error: error === null ? null : publicText(error),
    ...(conditions && {
      conditions: conditions
        .slice(0, MAX_CONDITIONS)
        .map((each) => ({ ...each, detail: publicText(each.detail) })),
    }),
  };
}

/** The status as clients may see it; its reasons repeat what a run reported. */
export const publicStatus = (status: Status): Status => ({
  ...status,
  reasons: status.reasons.map((reason) => ({ ...reason, detail: publicText(reason.detail) })),
});

/** Text of another service as clients may see it. */
export const publicText = (text: string): string =>
  truncate(text, MAX_ERROR).replace(QUOTED_PATH, '$1…/$2').replace(ABSOLUTE_PATH, '$1…/$2');

/** In quotes, a path may have blanks. */
const QUOTED_PATH = /(['"`])(?:[A-Za-z]:)?\/(?:[^/'"`]+\/)+([^/'"`]*)/g;
/** A path of at least two folders that does not follow a name: `src-data/a/b.csv` stays as it is. */
const ABSOLUTE_PATH = /(^|[\s'"`(=:<[,])(?:file:\/\/|[A-Za-z]:)?\/(?:[^/\s'"`()]+\/)+([^/\s'"`()]*)/g;
