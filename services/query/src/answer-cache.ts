/** An answer as it went out, to go out again. */
export interface FinishedAnswer {
  generation: number;
  etag: string;
  /** All of a 200, names and values by turns; those of a 304 are among them. */
  headers: string[];
  body: Buffer;
  /** Whether it is a page of several: as long as these are asked for, their generation stays. */
  isPage: boolean;
}

export type AnswerCache = ReturnType<typeof openAnswerCache>;

/** What an entry takes beside its body and its key, about, in bytes. */
const OVERHEAD = 1_000;

/**
 * Answers by what was asked, at most so many bytes of them. They are kept in two halves: what is asked for moves into
 * the younger one, and when that is full, the older one goes. So whatever is asked for often stays, and to look it
 * up changes next to nothing.
 */
export function openAnswerCache(maxBytes: number) {
  let young = new Map<string, FinishedAnswer>();
  let old = new Map<string, FinishedAnswer>();
  let youngBytes = 0;

  function put(key: string, answer: FinishedAnswer): void {
    const bytes = answer.body.length + 2 * key.length + OVERHEAD;
    if (bytes > maxBytes / 2) return;
    if (youngBytes + bytes > maxBytes / 2) {
      old = young;
      young = new Map();
      youngBytes = 0;
    }
    if (!young.has(key)) youngBytes += bytes;
    young.set(key, answer);
  }

  return {
    get(key: string): FinishedAnswer | undefined {
      const answer = young.get(key);
      if (answer) return answer;
      const older = old.get(key);
      if (older) put(key, older);
      return older;
    },
    put,
    clear(): void {
      young = new Map();
      old = new Map();
      youngBytes = 0;
    },
  };
}
