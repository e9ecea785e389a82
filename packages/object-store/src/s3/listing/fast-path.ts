const START = /^(?:<\?xml[^>]*\?>)?\s*<ListBucketResult(?:\s[^>]*[^>/])?>/;
/** Start of comments, CDATA and declarations, which can contain a `<` that is not an element. */
const MARKUP = '<!';
const [CONTENTS, CONTENTS_END, KEY] = ['<Contents>', '</Contents>', '<Key>'];
/** XML reads a carriage return as a line feed. */
const CARRIAGE_RETURN = '\r';
/** An element that occurs twice. */
const TWICE = Symbol('twice');

/**
 * Reads a page by searching for the needed elements. Servers write regular pages, and an XML parser takes ten times
 * as long, longer than the server needs. A property test holds both equal.
 *
 * @returns undefined when the page is not regular
 */
export function scanListing(xml: string): ListingText | undefined {
  if (!START.test(xml) || xml.includes(MARKUP) || xml.includes(CARRIAGE_RETURN)) return undefined;
  if (!xml.trimEnd().endsWith('</ListBucketResult>')) return undefined;
  const contents: ListingText['contents'] = [];
  let head = '';
  let at = 0;
  let start = xml.indexOf(CONTENTS);
  let keyAt = start === -1 ? -1 : xml.indexOf(KEY, start);
  while (start !== -1) {
    const end = xml.indexOf(CONTENTS_END, start);
    const next = xml.indexOf(CONTENTS, start + CONTENTS.length);
    const nextKey = keyAt === -1 ? -1 : xml.indexOf(KEY, keyAt + KEY.length);
    // An object without its own end tag, or with two keys, would hide another one.
    const hidesAnother = (next !== -1 && next < end) || (nextKey !== -1 && nextKey < end);
    if (end === -1 || keyAt === -1 || keyAt > end || hidesAnother) return undefined;
    head += xml.slice(at, start);
    const key = textAt(xml, 'Key', keyAt);
    const size = element(xml, 'Size', start, end);
    const modified = element(xml, 'LastModified', start, end);
    if (key === undefined || size === undefined || modified === undefined) return undefined;
    contents.push({ key, size, etag: element(xml, 'ETag', start, end) ?? '', modified });
    at = end + CONTENTS_END.length;
    [start, keyAt] = [next, nextKey];
  }
  head += xml.slice(at);
  // Objects in another form, for example with attributes, must not be missed.
  if (head.includes('Contents')) return undefined;
  const isTruncated = onlyElement(head, 'IsTruncated');
  const token = onlyElement(head, 'NextContinuationToken');
  const encoding = onlyElement(head, 'EncodingType');
  const keyCount = onlyElement(head, 'KeyCount');
  if (isTruncated === TWICE || token === TWICE || encoding === TWICE || keyCount === TWICE) return undefined;
  return {
    isTruncated,
    token: token || undefined,
    isEncoded: encoding === 'url',
    keyCount,
    hasFolders: head.includes('<CommonPrefixes'),
    contents,
  };
}

function onlyElement(head: string, name: string): string | undefined | typeof TWICE {
  const start = head.indexOf(`<${name}`);
  if (start === -1) return undefined;
  return head.includes(`<${name}`, start + 1) ? TWICE : element(head, name, start, head.length);
}

/** Returns the text of the first element with that name in a range; undefined when there is none. */
function element(xml: string, name: string, from: number, to: number): string | undefined {
  const start = xml.indexOf(`<${name}>`, from);
  return start === -1 || start >= to ? undefined : textAt(xml, name, start);
}

/** Returns the text of the element at a position; undefined when it contains more than text. */
function textAt(xml: string, name: string, start: number): string | undefined {
  const text = start + name.length + 2;
  const end = xml.indexOf('<', text);
  return xml.startsWith(`</${name}>`, end) ? xml.slice(text, end) : undefined;
}

/** The texts of a page as they are in the answer: entities are not decoded, keys may be URL-encoded. */
export interface ListingText {
  isTruncated: string | undefined;
  /** Where the next page begins. */
  token: string | undefined;
  isEncoded: boolean;
  keyCount: string | undefined;
  /** The page groups keys as `CommonPrefixes`, which was not requested. */
  hasFolders: boolean;
  contents: { key: string; size: string; etag: string; modified: string }[];
}
