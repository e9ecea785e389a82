/** A file of the source bucket, in a version of its own. */
interface File {
  version: number;
  /** Of a record: its birthts, or null when it is broken. */
  birthts: number | null;
}

const IMAGES = ['png', 'jpg', 'jpeg', 'webp', 'gif'];
const USERS = ['5', '7', '8', '9'];

/**
 * The rules of mirroring straight from their text, with nothing kept between two looks but what the text says is:
 * which files were seen, what was read of each user last, and their last good version. Shown the same states of the
 * bucket as an ingestor, it has to come to the same data set.
 */
export class NaiveMirror {
  readonly files = new Map<string, File>();
  everBroken = false;
  #versions = 0;
  #seen = new Map<string, number>();
  #read = new Map<string, File & { key: string }>();
  #lastGood = new Map<string, string>();

  put(key: string, birthts: number | null): void {
    this.files.set(key, { version: ++this.#versions, birthts });
    if (birthts === null) this.everBroken = true;
  }

  /** It lists everything. */
  lookAtAll(): void {
    this.#seen = new Map([...this.files].map(([key, { version }]) => [key, version]));
    for (const user of USERS) this.#settle(user);
  }

  /** It looks at these keys, and at what it knows of their users. */
  lookAt(keys: readonly string[]): void {
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
    this.#read.clear();
  }

  /** Reads the file that owns a user, unless that very version was read before. */
  #settle(user: string): void {
    const [owner] = this.#of(user, ['csv']);
    if (owner === undefined) {
      this.#lastGood.delete(user);
      this.#read.delete(user);
      return;
    }
    let read = this.#read.get(user);
    if (read?.key !== owner || read.version !== this.#seen.get(owner)) {
      const file = this.files.get(owner);
      if (!file) {
        // It was seen, and is gone by now.
        this.#seen.delete(owner);
        this.#settle(user);
        return;
      }
      read = { ...file, key: owner };
      this.#read.set(user, read);
      this.#seen.set(owner, file.version);
    }
    if (read.birthts !== null) this.#lastGood.set(user, `${owner},x,${read.birthts}`);
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
      if (owner !== undefined && this.#read.get(user)?.birthts === null)
        rejects.push([owner, 'missing_column', this.#lastGood.has(user)]);
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

const nameOf = (key: string): string => (key.split('/').pop() ?? '').toLowerCase();
const userOf = (key: string): string => nameOf(key).split('.')[0] ?? '';
