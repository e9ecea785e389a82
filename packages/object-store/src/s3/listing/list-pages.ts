import { type ListedObject, StoreError } from '../../object-store.ts';
import type { ListingPage } from './parse-listing.ts';

/** Maximum number of consecutive pages without an object. */
const MAX_EMPTY_PAGES = 1_000;

/**
 * Reads all pages of a listing. The next page is requested while one is processed. A key that is repeated in a row is
 * passed on once.
 *
 * Repeated tokens or keys, and keys outside the prefix, are errors: the listing would not end, or not be that of the
 * bucket.
 *
 * @param readPage reads the page at a continuation token; without one, the first page
 * @param onRepeated called at the end when keys were skipped
 * @throws StoreError unavailable, and errors of `readPage`
 */
export async function* listPages(
  readPage: (token: string | undefined) => Promise<ListingPage>,
  { name, prefix, onRepeated }: { name: string; prefix: string; onRepeated: (count: number) => void },
): AsyncIterable<readonly ListedObject[]> {
  const tokens = new Set<string>();
  const firstKeys = new Set<string>();
  let last: string | undefined;
  let repeated = 0;
  let empty = 0;
  const failed = (why: string) => new StoreError('unavailable', `${name}: ${why}`);
  let coming: Promise<ListingPage> | undefined = readPage(undefined);
  while (coming) {
    const { objects: listed, next }: ListingPage = await coming;
    if (next !== undefined && tokens.has(next)) throw failed('the listing comes to the same page again');
    coming = next === undefined ? undefined : readPage(next);
    coming?.catch(() => undefined);
    if (next !== undefined) tokens.add(next);

    const objects = withoutRepeated(listed, last);
    repeated += listed.length - objects.length;
    const [first] = objects;
    empty = first ? 0 : empty + 1;
    if (empty > MAX_EMPTY_PAGES) throw failed('the listing has no objects any more and does not end');
    if (first) {
      if (!first.fault && firstKeys.has(first.key)) throw failed('the listing comes to the same keys again');
      if (prefix !== '' && !objects.every(({ key }) => key.startsWith(prefix)))
        throw failed('the listing has keys without its prefix');
      firstKeys.add(first.key);
      last = objects.at(-1)?.key;
    }
    yield objects;
  }
  if (repeated > 0) onRepeated(repeated);
}

/**
 * Removes repeated keys. Entries with faults stay: names that are not UTF-8 can have equal texts.
 *
 * @returns the page itself when no key is repeated
 */
function withoutRepeated(page: readonly ListedObject[], last: string | undefined): readonly ListedObject[] {
  let before = last;
  let isRepeated = false;
  for (const { key, fault } of page) {
    isRepeated ||= key === before && !fault;
    before = key;
  }
  if (!isRepeated) return page;
  return page.filter(({ key, fault }, i) => fault || key !== (i === 0 ? last : page[i - 1]?.key));
}
