import type { Reject } from '@landfall/contracts/dataset/reject';
import type { Row } from '@landfall/contracts/dataset/row';
import type { Claim } from '../match/match.ts';
import type { Fault } from '../source/record.ts';

import { isFault, type Reading, type RecordValues } from '../source/record.ts';

/** What a user's objects come to. */
export interface Aggregated {
  /** The user's row; undefined when there is no good version, now or from before. */
  user: Row | undefined;
  /** What is wrong with the user's objects. */
  rejects: Omit<Reject, 'since'>[];
}

/**
 * Makes a user's row of all that the bucket holds of them. A broken record object keeps the
 * names and the birth that were good before; the image is always the one of now.
 *
 * @param reading of the first record object; undefined when there is none
 * @param previous the last good version, if there was one
 * @param now the run's clock, ms since 1970 UTC
 */
export function aggregate(
  userId: string,
  claim: Claim,
  reading: Reading | undefined,
  previous: RecordValues | undefined,
  bucket: string,
  now: number,
): Aggregated {
  const [owner, ...duplicates] = claim.records;
  const rejects = claim.strangers.map(({ key, fault: { code, detail } }) =>
    reject(key, userId, { reason: code, detail }, false),
  );
  if (!owner || !reading) return { user: undefined, rejects };
  for (const { key } of duplicates) rejects.push(reject(key, userId, duplicate(key, owner.key), false));
  const fault = faultOf(reading, now);
  const values = fault ? previous : good(reading);
  if (fault) rejects.unshift(reject(owner.key, userId, fault, values !== undefined));
  if (!values) return { user: undefined, rejects };
  const img_path = claim.image === undefined ? null : `${bucket}/${claim.image}`;
  return { user: { user_id: userId, ...values, img_path }, rejects };
}

/** Keys may look alike and differ: then it says how. */
function duplicate(key: string, owner: string): Fault {
  const looksAlike = key.normalize('NFC') === owner.normalize('NFC');
  const form = looksAlike ? ', the same name in another Unicode form' : '';
  return { reason: 'duplicate_user', detail: `the user belongs to ${owner}${form}` };
}

function faultOf(reading: Reading, now: number): Fault | undefined {
  if (isFault(reading)) return reading;
  const birthts = Number(reading.birthts);
  if (birthts <= now) return undefined;
  const when = new Date(birthts).toISOString();
  return { reason: 'birthts_in_future', detail: `born ${when}, which is yet to come` };
}

const good = (reading: Reading): RecordValues | undefined => (isFault(reading) ? undefined : reading);

const reject = (key: string, id: string, fault: Fault, kept_previous: boolean) => ({
  key,
  id,
  ...fault,
  kept_previous,
});
