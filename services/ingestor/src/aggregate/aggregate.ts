import { type Definition, isTimeField } from '@landfall/contracts/dataset/definition';
import type { Reject } from '@landfall/contracts/dataset/reject';
import type { Row, Value } from '@landfall/contracts/dataset/row';
import { instantOf } from '@landfall/contracts/values/time';
import type { RowObjects } from '../match/match.ts';
import type { Fault } from '../source/record.ts';
import { isFault, type Reading, type RecordValues } from '../source/record.ts';

/** What the objects of one id result in. */
export interface Aggregated {
  /** The row; undefined when there is no valid version, now or before. */
  row: Row | undefined;
  /** Faults of the objects. */
  rejects: Omit<Reject, 'since'>[];
}

/** The input of `aggregate` besides the objects. */
export interface AggregateContext {
  definition: Definition;
  /** The name of its key column. */
  keyName: string;
  /** The source bucket, for the paths of companions. */
  bucket: string;
  /** The run's clock, ms since 1970 UTC. */
  now: number;
}

/**
 * Makes the row of one id from its objects. A broken record keeps the previous valid values; companions are always the
 * current ones.
 *
 * @param reading of the first record object; undefined when there is none
 * @param previous returns the last valid version, if there is one; called only for a broken record
 */
export function aggregate(
  { definition, keyName, bucket, now }: AggregateContext,
  id: string,
  objects: RowObjects,
  reading: Reading | undefined,
  previous: () => RecordValues | undefined,
): Aggregated {
  const [owner, ...duplicates] = objects.records;
  const rejects = objects.invalidCompanions.map(({ key, fault: { code, detail } }) =>
    reject(key, id, { reason: code, detail }, false),
  );
  if (!owner || !reading) return { row: undefined, rejects };
  for (const { key } of duplicates) {
    rejects.push(reject(key, id, duplicateFault(definition, key, owner.key), false));
  }
  const fault = isFault(reading) ? reading : futureFault(definition, reading, now);
  const values = fault ? previous() : isFault(reading) ? undefined : reading;
  if (fault) rejects.unshift(reject(owner.key, id, fault, values !== undefined));
  if (!values) return { row: undefined, rejects };
  const row: Record<string, Value> = { [keyName]: id, ...values };
  for (const [i, { column }] of definition.companions.entries()) {
    const key = objects.companions[i];
    row[column] = key === undefined ? null : `${bucket}/${key}`;
  }
  return { row, rejects };
}

/** Keys can look alike and still differ. The detail then says how. */
function duplicateFault({ one }: Definition, key: string, owner: string): Fault {
  const looksAlike = key.normalize('NFC') === owner.normalize('NFC');
  const form = looksAlike ? ', which is the same name in another Unicode form' : '';
  return { reason: `duplicate_${one}`, detail: `${owner} has the same id${form}` };
}

/** The first time that must be in the past and is not. */
function futureFault({ fields }: Definition, values: RecordValues, now: number): Fault | undefined {
  for (const field of fields) {
    const value = values[field.name] ?? null;
    if (!isTimeField(field) || !field.past || value === null) continue;
    const time = instantOf(field, value);
    if (time <= now) continue;
    const detail = `${field.name} is ${new Date(time).toISOString()}, which is in the future`;
    return { reason: `${field.name}_in_future`, detail };
  }
  return undefined;
}

const reject = (key: string, id: string, fault: Fault, kept_previous: boolean) => ({
  key,
  id,
  ...fault,
  kept_previous,
});
