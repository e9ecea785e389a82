/** A file of the source bucket with its version. */
interface File {
  version: number;
  /** Of a record: its birthts, or null when it is broken. */
  birthts: number | null;
}

const IMAGES = ['png', 'jpg', 'jpeg', 'webp', 'gif'];
const USERS = ['5', '7', '8', '9', '\u00e9'];
const isOdd = (key: string): boolean => key.split('/').some((segment) => /^(\.|~\$|#recycle$)/.test(segment));

/** What was read of an object: `birthts` is null when it is broken. */
interface Read {
  key: string;
  version: number;
  birthts: number | null;
}

/**
 * The rules of mirroring straight from their text, with nothing kept between two looks but what the text says is:
 * which files were seen, what was read of each user last, and their last good version. Shown the same states of the
 * bucket as an ingestor, it has to come to the same data set.
 */
export class NaiveMirror {
  readonly files = new Map<string, File>();
  /** Files that the store refuses to give. */
  readonly denied = new Set<string>();
  everBroken = false;
  #versions = 0;
  #seen = new Map<string, number>();
  /** The last good version of each user, and, until another file owns the user, the broken one after it. */
  #good = new Map<string, Read>();
  #broken = new Map<string, Read>();
  /** Users whose file could not be read. */
  #unreadable = new Set<string>();
  #lastGood = new Map<string, string>();

  put(key: string, birthts: number | null): void {
    this.files.set(key, { version: ++this.#versions, birthts });
    if (birthts === null) this.everBroken = true;
  }

  /** It lists everything. */
  lookAtAll(): void {
    const data = [...this.files].filter(([key]) => !isOdd(key));
    this.#seen = new Map(data.map(([key, { version }]) => [key, version]));
    for (const user of USERS) this.#settle(user);
  }

  /** It looks at these keys, and at what it knows of their users. */
  lookAt(named: readonly string[]): void {
    const keys = named.filter((key) => !isOdd(key));
    for (const key of keys) {
      const file = this.files.get(key);
      if (file) this.#seen.set(key, file.version);
      else this.#seen.delete(key);
    }
    for (const user of USERS) if (keys.some((key) => userOf(key) === user)) this.#settle(user);
  }

  /** It forgets everything but what is published. */
  forget(): void {
    this.#seen.clear();
    this.#good.clear();
    this.#broken.clear();
  }

  /** Reads the file that owns a user, unless that very version was read before. */
  #settle(user: string): void {
    const [owner] = this.#of(user, ['csv']);
    this.#unreadable.delete(user);
    if (owner === undefined) {
      this.#lastGood.delete(user);
      this.#good.delete(user);
      this.#broken.delete(user);
      return;
    }
    const version = this.#seen.get(owner);
    const known = [this.#good.get(user), this.#broken.get(user)];
    let read = known.find((each) => each?.key === owner && each.version === version);
    if (!read) {
      const file = this.files.get(owner);
      if (this.denied.has(owner)) {
        this.#unreadable.add(user);
        this.#broken.delete(user);
        return;
      }
      if (!file) {
        // It was seen, and is gone by now.
        this.#seen.delete(owner);
        this.#settle(user);
        return;
      }
      read = { ...file, key: owner };
      this.#seen.set(owner, file.version);
    }
    if (read.birthts === null) {
      this.#broken.set(user, read);
      return;
    }
    this.#broken.delete(user);
    this.#good.set(user, read);
    this.#lastGood.set(user, `${owner.normalize('NFC')},x,${read.birthts}`);
  }

  rows(): string[] {
    return USERS.flatMap((user) => {
      const values = this.#lastGood.get(user);
      const [image] = IMAGES.flatMap((extension) => this.#of(user, [extension]));
      return values === undefined
        ? []
        : [`${user},${values},${image === undefined ? '' : `src-data/${image}`}`];
    });
  }

  /** Key, reason, and whether a previous version is kept. */
  rejects(): [string, string, boolean][] {
    const rejects: [string, string, boolean][] = [];
    for (const user of USERS) {
      const [owner, ...others] = this.#of(user, ['csv']);
      for (const other of others) rejects.push([other, 'duplicate_user', false]);
      if (owner === undefined) continue;
      const hasGood = this.#lastGood.has(user);
      if (this.#unreadable.has(user)) rejects.push([owner, 'unreadable', hasGood]);
      else if (this.#broken.has(user)) rejects.push([owner, 'missing_column', hasGood]);
    }
    return rejects.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  orphanImages(): number {
    const without = USERS.filter((user) => this.#of(user, ['csv']).length === 0);
    return without.reduce((sum, user) => sum + this.#of(user, IMAGES).length, 0);
  }

  #of(user: string, extensions: string[]): string[] {
    const names = extensions.map((extension) => `${user}.${extension}`);
    return [...this.#seen.keys()].filter((key) => names.includes(nameOf(key))).sort();
  }
}

const nameOf = (key: string): string => (key.split('/').pop() ?? '').normalize('NFC').toLowerCase();
const userOf = (key: string): string => nameOf(key).split('.')[0] ?? '';
