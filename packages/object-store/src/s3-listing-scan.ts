import type { ListingText } from './s3-listing.ts';

const START = /^(?:<\?xml[^>]*\?>)?\s*<ListBucketResult(?:\s[^>]*[^>/])?>/;
/** Comments, CDATA and declarations: what may hide a `<` that begins no element. */
const MARKUP = '<!';

/**
 * Reads a page by looking for the elements that are wanted. The servers' pages are that regular, and a parser of all
 * XML takes ten times as long, more than the server does to make the page. A property test holds the two equal.
 *
 * @returns undefined when the page is not as regular as that
 */
export function scanListing(xml: string): ListingText | undefined {
  if (!START.test(xml) || xml.includes(MARKUP) || !xml.trimEnd().endsWith('</ListBucketResult>'))
    return undefined;
  const contents: ListingText['contents'] = [];
  let head = '';
  let at = 0;
  for (;;) {
    const start = xml.indexOf('<Contents>', at);
    if (start === -1) break;
    const end = xml.indexOf('</Contents>', start);
    if (end === -1) return undefined;
    head += xml.slice(at, start);
    const key = element(xml, 'Key', start, end);
    const size = element(xml, 'Size', start, end);
    const modified = element(xml, 'LastModified', start, end);
    if (key === undefined || size === undefined || modified === undefined) return undefined;
    contents.push({ key, size, etag: element(xml, 'ETag', start, end) ?? '', modified });
    at = end + '</Contents>'.length;
  }
  head += xml.slice(at);
  // An object written in another way, with attributes say, is not to be overlooked.
  if (head.includes('Contents')) return undefined;
  return {
    isTruncated: element(head, 'IsTruncated', 0, head.length) === 'true',
    token: element(head, 'NextContinuationToken', 0, head.length) || undefined,
    isEncoded: element(head, 'EncodingType', 0, head.length) === 'url',
    contents,
  };
}

/** The text of the first element of that name between two places; undefined when there is none. */
function element(xml: string, name: string, from: number, to: number): string | undefined {
  const start = xml.indexOf(`<${name}>`, from);
  if (start === -1 || start >= to) return undefined;
  const text = start + name.length + 2;
  const end = xml.indexOf('<', text);
  return xml.startsWith(`</${name}>`, end) ? xml.slice(text, end) : undefined;
}
