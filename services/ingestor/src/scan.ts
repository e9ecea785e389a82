import type { ObjectStore } from '@landfall/object-store/object-store';
import { addToClaims, type Claims } from './match.ts';

/** What a listing of the source bucket found. */
export interface Scan {
  claims: Claims;
  /** Objects of any kind. */
  listed: number;
}

/**
 * Lists the source bucket and matches what it holds by user.
 *
 * @param onProgress hears how many objects were listed so far
 * @throws StoreError when the listing can't be had whole
 */
export async function scan(
  store: ObjectStore,
  bucket: string,
  onProgress: (listed: number) => void,
): Promise<Scan> {
  const claims: Claims = new Map();
  let listed = 0;
  for await (const page of store.list(bucket)) {
    for (const object of page) addToClaims(claims, object);
    listed += page.length;
    onProgress(listed);
  }
  return { claims, listed };
}
