/** Edits are made so many at a time. Of more, too much would outlive V8's young generation. */
const EDITS = 128;

/**
 * What becomes of a key: another entry, or none. A class for the same reason as a listed file is one
 * (directory-listing.ts): V8 would take them all for long-lived.
 */
export class Edit<Entry> {
  readonly key: string;
  readonly entry: Entry | undefined;

  constructor(key: string, entry: Entry | undefined) {
    this.key = key;
    this.entry = entry;
  }
}

/**
 * Gathers edits, in byte order of their keys.
 *
 * @param make hears of some together; of the last ones not before `flush`
 */
export function gatherEdits<Entry>(make: (edits: readonly Edit<Entry>[]) => void) {
  let edits: Edit<Entry>[] = [];
  function flush(): void {
    make(edits);
    edits = [];
  }
  return {
    add(key: string, entry: Entry | undefined): void {
      if (edits.push(new Edit(key, entry)) === EDITS) flush();
    },
    flush,
  };
}
