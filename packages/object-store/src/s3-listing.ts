import { XMLParser } from 'fast-xml-parser';
import type { ListedObject } from './object-store.ts';
import { decodeEntities } from './s3-entities.ts';
import { scanListing } from './s3-listing-scan.ts';

/** A page of a listing. */
export interface ListingPage {
  objects: ListedObject[];
  /** Where the next page begins; undefined on the last one. */
  next: string | undefined;
}

/** A page's text, as the answer has it: entities are references yet, and keys may be URL-encoded. */
export interface ListingText {
  isTruncated: boolean;
  /** Where the next page begins. */
  token: string | undefined;
  isEncoded: boolean;
  contents: { key: string; size: string; etag: string; modified: string }[];
}

/** The query string that asks for a page (S3's ListObjectsV2). */
export function listingQuery(prefix: string, continuationToken: string | undefined): string {
  const parameters = new URLSearchParams({
    'list-type': '2',
    'encoding-type': 'url',
    'max-keys': '1000',
    prefix,
  });
  if (continuationToken !== undefined) parameters.set('continuation-token', continuationToken);
  parameters.sort();
  // What is signed has %20 for a blank, not the + of a form.
  return parameters.toString().replaceAll('+', '%20');
}

/**
 * Reads a page. Keys are URL-decoded only where the answer says that they are encoded: not every server does what
 * `encoding-type` asks for, and a key may well hold a `+` or a `%`.
 *
 * @throws Error when it is no listing, or says that there is more but not where
 */
export function parseListing(xml: string): ListingPage {
  const { isTruncated, token, isEncoded, contents } = scanListing(xml) ?? parseXml(xml);
  if (isTruncated && !token) throw new Error('the listing breaks off');
  const objects = contents.map(({ key, size, etag, modified }) => ({
    key: decodeKey(decodeEntities(key), isEncoded),
    size: Number(size),
    etag: decodeEntities(etag).replaceAll('"', ''),
    modified: Date.parse(modified),
  }));
  return { objects, next: isTruncated && token ? decodeEntities(token) : undefined };
}

function decodeKey(key: string, isEncoded: boolean): string {
  return isEncoded && /[%+]/.test(key) ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
}

// Values stay text: a numeric token or key is not a number. Entities are decoded above: the parser stops after a
// thousand of them, and a page has more.
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  isArray: (name) => name === 'Contents',
});

interface ListBucketResult {
  IsTruncated?: string;
  NextContinuationToken?: string;
  EncodingType?: string;
  Contents?: { Key: string; Size: string; ETag?: string; LastModified: string }[];
}

/**
 * Any page.
 *
 * @throws Error when it is no listing
 */
export function parseXml(xml: string): ListingText {
  const parsed: { ListBucketResult?: ListBucketResult } = parser.parse(xml);
  const result = parsed.ListBucketResult;
  if (!result) throw new Error('the answer is no listing');
  return {
    isTruncated: result.IsTruncated === 'true',
    token: result.NextContinuationToken || undefined,
    isEncoded: result.EncodingType === 'url',
    contents: (result.Contents ?? []).map(({ Key, Size, ETag = '', LastModified }) => ({
      key: Key,
      size: Size,
      etag: ETag,
      modified: LastModified,
    })),
  };
}
