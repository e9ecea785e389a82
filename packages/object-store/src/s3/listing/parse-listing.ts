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

/**
 * Reads a page, and checks that it is whole: it has its closing tag, says whether there is more and where, and has as many
 * objects as its KeyCount says, where it has one. An object that is listed oddly (its name is not UTF-8, its size is no
 * number) becomes an entry with a fault; a page without the size of any of several objects is none.
 *
 * Keys are URL-decoded only where the answer says that they are encoded: not every server does what `encoding-type`
 * asks for, and a key may well hold a `+` or a `%`.
 *
 * @param answer when the page was made
 * @throws Error when it is no whole page
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
  // One odd size is a fault of that object. With all of them odd every object would be a reject, and no run would fail.
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

/** How servers write the quotes of an ETag. */
const QUOTES = ['&#34;', '&quot;', '"'];

/** Without a regular expression for ETags as servers write them: one takes 40% of a page's time. */
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

/** A server that repeats an entry may count it twice or once. */
function ensureCount({ keyCount, contents }: ListingText): void {
  if (keyCount === undefined || Number(keyCount) === contents.length) return;
  const different = contents.filter(({ key }, i) => i === 0 || key !== contents[i - 1]?.key).length;
  if (keyCount.trim() === '' || Number(keyCount) !== different)
    throw new Error(`the listing has ${contents.length} objects, its KeyCount is ${keyCount.slice(0, 40)}`);
}

// Values stay text: a numeric token or key is not a number. Entities are decoded above: the parser stops after a
// thousand of them, and a page has more.
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  isArray: (name) => name === 'Contents',
});

/**
 * Any page.
 *
 * @throws Error when it is no listing
 */
export function parseXml(xml: string): ListingText {
  // The parser itself takes a document that was cut for a whole one.
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

/** The text of an element that is there once; undefined when it is not there. */
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
