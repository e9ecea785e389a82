import { XMLParser } from 'fast-xml-parser';
import type { ListedObject } from './object-store.ts';

/** A page of a listing. */
export interface ListingPage {
  objects: ListedObject[];
  /** Where the next page begins; undefined on the last one. */
  next: string | undefined;
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

// Values stay text: a numeric token or key is not a number. Entities are decoded below: the parser stops after a
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
 * Reads a page. Keys are URL-decoded only where the answer says that they are encoded: not every server does what
 * `encoding-type` asks for, and a key may well hold a `+` or a `%`.
 *
 * @throws Error when it is no listing, or says that there is more but not where
 */
export function parseListing(xml: string): ListingPage {
  const parsed: { ListBucketResult?: ListBucketResult } = parser.parse(xml);
  const result = parsed.ListBucketResult;
  if (!result) throw new Error('the answer is no listing');
  const truncated = result.IsTruncated === 'true';
  const next = result.NextContinuationToken;
  if (truncated && !next) throw new Error('the listing breaks off');
  const isEncoded = result.EncodingType === 'url';
  const objects = (result.Contents ?? []).map((content) => {
    const key = decodeEntities(content.Key);
    return {
      key: isEncoded ? decodeURIComponent(key.replaceAll('+', ' ')) : key,
      size: Number(content.Size),
      etag: decodeEntities(content.ETag ?? '').replaceAll('"', ''),
      modified: Date.parse(content.LastModified),
    };
  });
  return { objects, next: truncated && next ? decodeEntities(next) : undefined };
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The references of XML 1.0, section 4.6, and character references. */
function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}
