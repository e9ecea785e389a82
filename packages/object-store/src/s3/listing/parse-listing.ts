import { isUtf8 } from 'node:buffer';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { ListedObject, ListingFault } from '../../object-store.ts';
import { type AnswerTime, etagFrom, isByteCount } from '../requests/version.ts';
import type { ListingText } from './fast-path.ts';
import { scanListing } from './fast-path.ts';
import { decodeKey } from './key.ts';
import { decodeEntities } from './xml-entities.ts';

/** A page of a listing. */
export interface ListingPage {
  objects: ListedObject[];
  /** Continuation token of the next page; undefined on the last page. */
  next: string | undefined;
}

/** Returns the query string of a page (ListObjectsV2). */
export function listingQuery(prefix: string, continuationToken: string | undefined): string {
  const parameters = new URLSearchParams({
    'list-type': '2',
    'encoding-type': 'url',
    'max-keys': '1000',
    prefix,
  });
  if (continuationToken !== undefined) parameters.set('continuation-token', continuationToken);
  parameters.sort();
  // The signature requires %20 for a blank, not the + of forms.
  return parameters.toString().replaceAll('+', '%20');
}

/**
 * Parses a page and checks that it is complete: closing tag, `IsTruncated`, continuation token, `KeyCount` if
 * present. An object whose name is not UTF-8 or whose size is not a number becomes an entry with a fault. A page on
 * which no object has a size is an error.
 *
 * Keys are URL-decoded only if the answer declares the encoding: not every server supports `encoding-type`, and a key
 * may contain `+` or `%`.
 *
 * @param answer headers and time of the answer
 * @throws Error when the page is not complete
 */
export function parseListing(body: Uint8Array, answer: AnswerTime): ListingPage {
  const mayBeLossy = !isUtf8(body);
  const xml = Buffer.from(body.buffer, body.byteOffset, body.length).toString();
  const listing = scanListing(xml) ?? parseXml(xml);
  const { token, isEncoded, contents } = listing;
  const isTruncated = readBoolean(listing.isTruncated);
  if (isTruncated && !token) throw new Error('the listing breaks off');
  if (listing.hasFolders) throw new Error('the listing leaves out what is in folders');
  ensureCount(listing);
  // One invalid size is a fault of that object. If all are invalid, every object would be a reject and no run would
  // fail.
  if (contents.length > 1 && contents.every(({ size }) => !isByteCount(size)))
    throw new Error('the listing has no size of any object');
  const objects = contents.map((written) => {
    const { key, isUtf8: isName } = decodeKey(written.key, isEncoded, mayBeLossy);
    const modified = Date.parse(written.modified);
    const object: ListedObject = {
      key,
      size: Number(written.size),
      etag: decodeEtag(written.etag, modified, answer),
      modified: Number.isNaN(modified) ? 0 : modified,
    };
    if (!isName) return faulty(object, { code: 'not_utf8_name', detail: 'the name is not UTF-8' });
    if (isByteCount(written.size) && key !== '') return object;
    const detail =
      key === '' ? 'the name is empty' : `the listing gives its size as “${written.size.slice(0, 40)}”`;
    return faulty(object, { code: 'unreadable', detail });
  });
  return { objects, next: isTruncated && token ? decodeEntities(token).text : undefined };
}

/** Forms of the quotes of an ETag. */
const QUOTES = ['&#34;', '&quot;', '"'];

/** Decodes usual ETags without a regular expression, which would take 40% of a page's time. */
function decodeEtag(written: string, modified: number, answer: AnswerTime): string {
  const quote = QUOTES.find((each) => written.startsWith(each)) ?? '';
  const inner = written.endsWith(quote) ? written.slice(quote.length, -quote.length || undefined) : '';
  if (inner !== '' && !inner.includes('&') && !inner.includes('"') && !inner.startsWith('W/')) return inner;
  return etagFrom(decodeEntities(written).text, modified, answer);
}

const faulty = (object: ListedObject, fault: ListingFault): ListedObject => ({ ...object, size: 0, fault });

function readBoolean(written: string | undefined): boolean {
  const value = written?.trim().toLowerCase();
  if (value !== 'true' && value !== 'false')
    throw new Error('the listing does not say whether there is more');
  return value === 'true';
}

/** Checks KeyCount. A server that repeats an entry may count it once or twice. */
function ensureCount({ keyCount, contents }: ListingText): void {
  if (keyCount === undefined || Number(keyCount) === contents.length) return;
  const different = contents.filter(({ key }, i) => i === 0 || key !== contents[i - 1]?.key).length;
  if (keyCount.trim() === '' || Number(keyCount) !== different)
    throw new Error(`the listing has ${contents.length} objects, its KeyCount is ${keyCount.slice(0, 40)}`);
}

// Values stay text, since a numeric token or key is not a number. Entities are decoded above: the parser stops after a
// thousand, and a page has more.
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  isArray: (name) => name === 'Contents',
});

/**
 * Parses any page with the XML parser.
 *
 * @throws Error when it is not a listing
 */
export function parseXml(xml: string): ListingText {
  // The parser accepts truncated documents.
  if (XMLValidator.validate(xml) !== true) throw new Error('the answer is no XML document');
  const parsed: { ListBucketResult?: Record<string, unknown> } = parser.parse(xml);
  const result = parsed.ListBucketResult;
  if (typeof result !== 'object') throw new Error('the answer is no listing');
  const contents: unknown = result.Contents ?? [];
  if (!Array.isArray(contents)) throw new Error('the answer is no listing');
  return {
    isTruncated: text(result, 'IsTruncated'),
    token: text(result, 'NextContinuationToken') || undefined,
    isEncoded: text(result, 'EncodingType') === 'url',
    keyCount: text(result, 'KeyCount'),
    hasFolders: result.CommonPrefixes !== undefined,
    contents: contents.map((object) => ({
      key: required(object, 'Key'),
      size: required(object, 'Size'),
      etag: text(object, 'ETag') ?? '',
      modified: required(object, 'LastModified'),
    })),
  };
}

/** Returns the text of an element that occurs once; undefined when it is missing. */
function text(parent: unknown, name: string): string | undefined {
  const value = typeof parent === 'object' && parent !== null ? Reflect.get(parent, name) : undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new Error(`the listing has an odd ${name}`);
}

function required(parent: unknown, name: string): string {
  const value = text(parent, name);
  if (value === undefined) throw new Error(`the listing has an object without a ${name}`);
  return value;
}
