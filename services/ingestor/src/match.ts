import { compareBytes } from '@landfall/contracts/byte-order';
import { readSourceKey } from './source-key.ts';

/** A record object as the listing has it. */
export interface RecordObject {
  key: string;
  etag: string;
  /** Bytes. */
  size: number;
}

/** What the bucket holds of one user. */
export interface Claim {
  /** In byte order of the keys. The first owns the user, the others are duplicates. */
  records: RecordObject[];
  /** The image that counts. */
  image: { key: string; preference: number } | undefined;
  /** How many images there are. */
  images: number;
}

/** All that the bucket holds, by user. One compact entry a user. */
export type Claims = Map<string, Claim>;

/** Adds an object of the listing, in whatever order they come, to what is known of its user. */
export function addToClaims(claims: Claims, object: RecordObject): void {
  const source = readSourceKey(object.key);
  if (source.kind === 'other') return;
  let claim = claims.get(source.userId);
  if (!claim) {
    claim = { records: [], image: undefined, images: 0 };
    claims.set(source.userId, claim);
  }
  if (source.kind === 'record') {
    const { key, etag, size } = object;
    claim.records.push({ key, etag, size });
    if (claim.records.length > 1) claim.records.sort((a, b) => compareBytes(a.key, b.key));
  } else {
    claim.images++;
    const found = { key: object.key, preference: source.preference };
    if (!claim.image || isPreferred(found, claim.image)) claim.image = found;
  }
}

function isPreferred(
  a: { key: string; preference: number },
  b: { key: string; preference: number },
): boolean {
  return a.preference === b.preference ? compareBytes(a.key, b.key) < 0 : a.preference < b.preference;
}

/** Images of users that have no record. */
export function countOrphanImages(claims: Claims): number {
  let orphans = 0;
  for (const claim of claims.values()) if (claim.records.length === 0) orphans += claim.images;
  return orphans;
}
