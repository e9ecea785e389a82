import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { DataSet } from '../../src/dataset/data-set.ts';
import type { Filter } from '../../src/filter/filter.ts';
import { statsBody } from '../../src/http/response/stats-body.ts';
import { histogramSubjects } from '../../src/statistics/histogram-subject.ts';

/** The body of `GET /stats`. `histogram` is the value of the parameter. */
export async function statsText(
  definition: Definition,
  dataSet: DataSet,
  { at, filter, histogram, now }: { at: Manifest; filter: Filter; histogram?: string; now: number },
): Promise<string> {
  const subject = histogramSubjects(definition).get(histogram ?? '');
  return statsBody(definition, await dataSet.summary(at, filter, subject, now), subject);
}
