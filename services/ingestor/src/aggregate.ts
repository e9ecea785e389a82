import type { Reject } from '@landfall/contracts/reject';
import type { User } from '@landfall/contracts/user';
import type { Claim } from './match.ts';
import { type Fault, isFault, type Reading, type RecordValues } from './parse.ts';

/** What a user's objects come to. */
export interface Aggregated {
  /** The user's row; undefined when there is no good version, now or from before. */
  user: User | undefined;
  /** What is wrong with the user's record objects. */
  rejects: Omit<Reject, 'since'>[];
}

/**
 * Makes a user's row of all that the bucket holds of them (DESIGN section 3). A broken record object keeps the
 * names and the birth that were good before; the image is always the one of now.
 *
 * @param claim with at least one record object
 * @param reading of the first of them
 * @param previous the last good version, if there was one
 * @param now the run's clock, ms since 1970 UTC
 */
export function aggregate(
  userId: string,
  claim: Claim,
  reading: Reading,
  previous: RecordValues | undefined,
  bucket: string,
  now: number,
): Aggregated {
  const [owner, ...duplicates] = claim.records;
  if (!owner) return { user: undefined, rejects: [] };
  const fault = faultOf(reading, now);
  const values = fault ? previous : good(reading);
  const rejects = duplicates.map(({ key }) =>
    reject(key, userId, { reason: 'duplicate_user', detail: `the user belongs to ${owner.key}` }, false),
  );
  if (fault) rejects.unshift(reject(owner.key, userId, fault, values !== undefined));
  if (!values) return { user: undefined, rejects };
  const { first_name, last_name, birthts } = values;
  const img_path = claim.image === undefined ? null : `${bucket}/${claim.image}`;
  return { user: { user_id: userId, first_name, last_name, birthts, img_path }, rejects };
}

function faultOf(reading: Reading, now: number): Fault | undefined {
  if (isFault(reading)) return reading;
  if (reading.birthts <= now) return undefined;
  const when = new Date(reading.birthts).toISOString();
  return { reason: 'birthts_in_future', detail: `born ${when}, which is yet to come` };
}

const good = (reading: Reading): RecordValues | undefined => (isFault(reading) ? undefined : reading);

const reject = (key: string, user_id: string, fault: Fault, kept_previous: boolean) => ({
  key,
  user_id,
  ...fault,
  kept_previous,
});
