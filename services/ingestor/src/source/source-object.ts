import type { ListingFault } from '@landfall/object-store/object-store';

/** A record or image object as the bucket has it. */
export interface SourceObject {
  key: string;
  etag: string;
  /** Bytes. */
  size: number;
  /** Why the store cannot give it, as the listing said. */
  fault?: ListingFault | undefined;
}

/** Whether two versions of one object are the same. An empty ETag names no version: some servers give none. */
export const isSameVersion = (a: SourceObject, b: SourceObject): boolean =>
  a.etag === b.etag && a.size === b.size && a.etag !== '';

/** An object that a listing names and the store cannot give. It has no version. */
export type FaultyObject = SourceObject & { fault: ListingFault };

export const faultyObject = (key: string, { code, detail }: ListingFault): FaultyObject => ({
  key,
  etag: '',
  size: 0,
  fault: { code, detail },
});

export const isFaulty = (object: SourceObject): object is FaultyObject => object.fault !== undefined;
