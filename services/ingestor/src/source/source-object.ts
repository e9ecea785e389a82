import type { ListingFault } from '@landfall/object-store/object-store';

/** A record or companion object of the source bucket. */
export interface SourceObject {
  key: string;
  etag: string;
  /** Bytes. */
  size: number;
  /** Why the store cannot return it, from the listing. */
  fault?: ListingFault | undefined;
}

/** Whether two versions of one object are equal. An empty ETag is no version: some servers send none. */
export const isSameVersion = (a: SourceObject, b: SourceObject): boolean =>
  a.etag === b.etag && a.size === b.size && a.etag !== '';

/** An object that is listed and that the store cannot return. It has no version. */
export type FaultyObject = SourceObject & { fault: ListingFault };

/** Returns the entry of an object that the store cannot return. */
export const faultyObject = (key: string, { code, detail }: ListingFault): FaultyObject => ({
  key,
  etag: '',
  size: 0,
  fault: { code, detail },
});

export const isFaulty = (object: SourceObject): object is FaultyObject => object.fault !== undefined;
