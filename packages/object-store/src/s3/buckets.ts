import { XMLParser } from 'fast-xml-parser';
import { StoreError } from '../object-store.ts';
import { S3Refusal } from './requests/errors.ts';
import { readBytes } from './requests/read-body.ts';
import type { S3Requests } from './requests/requests.ts';

export const DEFAULT_REGION = 'us-east-1';
/** Maximum size of a location answer, bytes. */
const MAX_LOCATION_BYTES = 64 * 1024;

const parser = new XMLParser({ parseTagValue: false });

/**
 * Returns the region of a bucket, which requests are signed for. Requested once per bucket.
 *
 * @throws StoreError bucket_not_found, unavailable, timeout
 */
export function bucketRegions(send: S3Requests['send']) {
  const regions = new Map<string, Promise<string>>();

  async function ask(bucket: string, until: number): Promise<string> {
    try {
      const request = {
        method: 'GET',
        bucket,
        query: 'location=',
        purpose: 'bucket',
        region: DEFAULT_REGION,
      } as const;
      return await send(
        request,
        async ({ body }) => readLocation(await readBytes(body, MAX_LOCATION_BYTES)),
        until,
      );
    } catch (error) {
      const refusal = refusalOf(error);
      if (
        !refusal?.code ||
        (refusal.status >= 500 && refusal.status !== 501) ||
        refusal.code === 'NoSuchBucket'
      )
        throw error;
      // A server that requires another region names it. If the location cannot be read, use the default.
      return isRegion(refusal.region) ? refusal.region : DEFAULT_REGION;
    }
  }

  return (bucket: string, until: number): Promise<string> => {
    const known = regions.get(bucket);
    if (known) return known;
    const region = ask(bucket, until);
    regions.set(bucket, region);
    region.catch(() => regions.delete(bucket));
    return region;
  };
}

/** @throws Error when the body is not a location answer */
function readLocation(body: Uint8Array): string {
  const parsed: { LocationConstraint?: unknown } = parser.parse(Buffer.from(body).toString());
  const location = parsed.LocationConstraint;
  if (location === undefined) throw new Error('the answer is no location of a bucket');
  const region = typeof location === 'string' ? location.trim() : '';
  // Old name of eu-west-1.
  if (region === 'EU') return 'eu-west-1';
  return isRegion(region) ? region : DEFAULT_REGION;
}

/** Whether a text can be part of a signature's scope. */
const isRegion = (region: string | undefined): region is string => /^[\w-]+$/.test(region ?? '');

/**
 * Creates a bucket. An existing bucket of ours is left unchanged.
 *
 * @throws StoreError access_denied, unavailable, timeout
 */
export async function createBucket(send: S3Requests['send'], bucket: string): Promise<void> {
  const request = { method: 'HEAD', bucket, purpose: 'bucket', region: DEFAULT_REGION } as const;
  const isThere = await send(request, async (answer) => {
    await answer.body.dump();
    return answer.status === 200;
  });
  if (isThere) return;
  const make = (region: string, content = new Uint8Array()) =>
    send(
      { method: 'PUT', bucket, purpose: 'bucket', region, content },
      async ({ body }) => void (await body.dump()),
    );
  try {
    await make(DEFAULT_REGION);
  } catch (error) {
    const refusal = refusalOf(error);
    // Created by another process, or by an attempt whose answer was lost.
    if (refusal?.code === 'BucketAlreadyOwnedByYou') return;
    if (!isRegion(refusal?.region)) throw error;
    const { region } = refusal;
    const xml = `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
    await make(region, Buffer.from(xml));
  }
}

/**
 * @param policy JSON; empty for none
 * @throws StoreError bucket_not_found, access_denied, unavailable, timeout
 */
export async function setBucketPolicy(
  send: S3Requests['send'],
  bucket: string,
  policy: string,
): Promise<void> {
  const request = policy
    ? ({ method: 'PUT', content: Buffer.from(policy) } as const)
    : ({ method: 'DELETE' } as const);
  await send(
    { ...request, bucket, query: 'policy=', purpose: 'bucket' },
    async ({ body }) => void (await body.dump()),
  );
}

const refusalOf = (error: unknown): S3Refusal | undefined =>
  error instanceof StoreError && error.cause instanceof S3Refusal ? error.cause : undefined;
