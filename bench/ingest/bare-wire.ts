import { EMPTY_SHA256, encodePath, s3Signer } from '@landfall/object-store/s3/requests/signature';
import type { S3Access } from '@landfall/object-store/s3-store';
import { Pool } from 'undici';
import { SOURCE } from '../data/source-directory.ts';
import type { Seen } from './bare-directory.ts';

/**
 * Ceilings over the wire: undici, a signing key that is derived once, and a minimal parser. Keys of the benchmark need no decoding.
 */
function bareClient({ endpoint, accessKey, secretKey }: S3Access) {
  const { origin, host } = new URL(endpoint);
  const pool = new Pool(origin);
  const sign = s3Signer({ accessKey, secretKey });
  return async (path: string, query: string) => {
    const headers = sign(
      { method: 'GET', host, path, query, payload: EMPTY_SHA256 },
      'us-east-1',
      Date.now(),
    );
    const { statusCode, body } = await pool.request({
      method: 'GET',
      path: query === '' ? path : `${path}?${query}`,
      headers,
    });
    if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${await body.text()}`);
    return body;
  };
}

/** Reads all pages of a listing in sequence. */
export async function bareWireListing(access: S3Access): Promise<Seen> {
  const keys = await listKeys(bareClient(access));
  return { objects: keys.length, bytes: 0 };
}

/** Reads a listing and all its records, with `concurrency` requests at a time. */
export async function bareWireReading(access: S3Access, concurrency: number): Promise<Seen> {
  const get = bareClient(access);
  const keys = await listKeys(get);
  const records = keys.filter((key) => key.endsWith('.csv')).values();
  let bytes = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const key of records) bytes += (await (await get(encodePath(SOURCE, key), '')).bytes()).length;
    }),
  );
  return { objects: keys.length, bytes };
}

async function listKeys(get: ReturnType<typeof bareClient>): Promise<string[]> {
  const keys: string[] = [];
  let token = '';
  do {
    const from = token === '' ? '' : `continuation-token=${encodeURIComponent(token)}&`;
    const xml = await (await get(`/${SOURCE}`, `${from}list-type=2&max-keys=1000`)).text();
    for (const [, key = ''] of xml.matchAll(/<Key>([^<]*)<\/Key>/g)) keys.push(key);
    token = /<NextContinuationToken>([^<]*)</.exec(xml)?.[1] ?? '';
  } while (token !== '');
  return keys;
}
