/** A version of a file in the source bucket. */
interface File {
  version: number;
  /** The birthts of a record; null when it is broken. */
  birthts: number | null;
}

const IMAGES = ['png', 'jpg', 'jpeg', 'webp', 'gif'];
const USERS = ['5', '7', '8', '9', '\u00e9'];
const isPassedOver = (key: string): boolean =>
  key.split('/').some((segment) => /^(\.|~\$|#recycle$)/.test(segment));

/** What was read from an object; `birthts` is null when it is broken. */
interface Read {
  key: string;
  version: number;
  birthts: number | null;
}

/**
 * A naive implementation of the ingestion rules. Its only state is what the rules mention: the listed files, what was last read
 * of each row, and the last good versions. For the same states of the bucket, it must produce the same data set as an ingestor.
 */
export class NaiveMirror {
  readonly files = new Map<string, File>();
  /** Files that the store refuses to return. */
  readonly denied = new Set<string>();
  everBroken = false;
  #versions = 0;
  #listed = new Map<string, number>();
  /** The last good version of each row, and the broken one after it, until another file owns the row. */
  #good = new Map<string, Read>();
  #broken = new Map<string, Read>();
  /** Rows whose file could not be read. */
  #unreadable = new Set<string>();
  #lastGood = new Map<string, string>();

  put(key: string, birthts: number | null): void {
    this.files.set(key, { version: ++this.#versions, birthts });
    if (birthts === null) this.everBroken = true;
  }

  /** Runs with the full scope. */
  runFull(): void {
    const data = [...this.files].filter(([key]) => !isPassedOver(key));
    this.#listed = new Map(data.map(([key, { version }]) => [key, version]));
    for (const user of USERS) this.#processRow(user);
  }

  /** Runs with a scope of these keys. */
  runKeys(named: readonly string[]): void {
    const keys = named.filter((key) => !isPassedOver(key));
    for (const key of keys) {
      const file = this.files.get(key);
      if (file) this.#listed.set(key, file.version);
      else this.#listed.delete(key);
    }
    for (const user of USERS) if (keys.some((key) => userOf(key) === user)) this.#processRow(user);
  }

  /** Drops all state but the published rows. */
  loseState(): void {
    this.#listed.clear();
    this.#good.clear();
    this.#broken.clear();
  }

  /** Reads the file that owns a row, unless this version was read before. */
  #processRow(user: string): void {
    const [owner] = this.#of(user, ['csv']);
    this.#unreadable.delete(user);
    if (owner === undefined) {
      this.#lastGood.delete(user);
      this.#good.delete(user);
      this.#broken.delete(user);
      return;
    }
    const version = this.#listed.get(owner);
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
        // It was listed and no longer exists.
        this.#listed.delete(owner);
        this.#processRow(user);
        return;
      }
      read = { ...file, key: owner };
      this.#listed.set(owner, file.version);
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
    return [...this.#listed.keys()].filter((key) => names.includes(nameOf(key))).sort();
  }
}

const nameOf = (key: string): string => (key.split('/').pop() ?? '').normalize('NFC').toLowerCase();
const userOf = (key: string): string => nameOf(key).split('.')[0] ?? '';
