import { openSlabAllocator, type Slab } from './slab-allocator.ts';

/** An answer as it goes out, to go out again. */
export interface FullResponse {
  generation: number;
  /** All of a 200, names and values by turns; those of a 304 are among them. */
  headers: string[];
  body: Buffer;
  /** Whether it is a page of several: as long as these are asked for, their generation stays. */
  isPage: boolean;
}

/**
 * One that is kept: a few numbers, and the rest as bytes. Of what lives long V8 copies each object twice, and an array of
 * headers is thirty of them: a collection of young garbage took 4 ms, with bytes 2.
 */
export interface CachedResponse extends Pick<FullResponse, 'generation' | 'isPage'> {
  /** Whoever sends the body counts as `leaving`, from before anything else is put in until it has left. */
  slab: Slab;
  /** In the slab: the headers, then the body. */
  start: number;
  bodyStart: number;
  end: number;
}

/** See `FullResponse`. */
export const headersOf = ({ slab, start, bodyStart }: CachedResponse): string[] =>
  slab.memory.toString('latin1', start, bodyStart).split(BETWEEN);
export const bodyOf = ({ slab, bodyStart, end }: CachedResponse): Buffer =>
  slab.memory.subarray(bodyStart, end);

/** Stands in no header. */
const BETWEEN = '\n';

export type AnswerCache = ReturnType<typeof openTwoGenerationCache>;

/** What an entry takes beside its bytes and its key, about, in bytes. */
const OVERHEAD = 200;
/** Bytes; of a small cache, a part of it. */
const SLAB = 2 ** 20;
const SLABS_AT_LEAST = 16;

/**
 * Answers by what was asked, at most so many bytes of them. They are kept in two halves: what is asked for moves into
 * the younger one, and when that is full, the older one goes. So whatever is asked for often stays, and to look it
 * up changes next to nothing.
 */
export function openTwoGenerationCache(maxBytes: number) {
  const slabs = openSlabAllocator(Math.min(SLAB, Math.floor(maxBytes / SLABS_AT_LEAST)));
  let young = newHalf();
  let old = newHalf();

  /** @param write hears where its bytes are to be */
  function keep(
    key: string,
    bytes: number,
    write: (slab: Slab, start: number) => CachedResponse,
  ): CachedResponse | undefined {
    const there = young.answers.get(key);
    if (there) return there;
    const overhead = 2 * key.length + OVERHEAD;
    const bytesWith = (all: readonly Slab[]) => slabs.growth(all, bytes) + overhead;
    if (bytesWith([]) > maxBytes / 2) return undefined;
    const dropped = young.bytes + bytesWith(young.slabs) > maxBytes / 2 ? old.slabs : undefined;
    if (dropped) [old, young] = [young, newHalf()];
    young.bytes += bytesWith(young.slabs);
    const { slab, start } = slabs.reserve(young.slabs, bytes);
    const answer = write(slab, start);
    // Not before: the bytes may have come from there.
    if (dropped) slabs.drop(dropped);
    young.answers.set(key, answer);
    return answer;
  }

  return {
    get(key: string): CachedResponse | undefined {
      const answer = young.answers.get(key);
      if (answer) return answer;
      const older = old.answers.get(key);
      return older && keep(key, older.end - older.start, (slab, start) => moved(older, slab, start));
    },

    /**
     * Keeps an answer, where there is none yet to the same.
     *
     * @returns the one that is kept; undefined when it is too large
     */
    put(key: string, { generation, headers, body, isPage }: FullResponse): CachedResponse | undefined {
      const head = headers.join(BETWEEN);
      return keep(key, head.length + body.length, (slab, start) => {
        const bodyStart = start + slab.memory.write(head, start, 'latin1');
        const end = bodyStart + body.copy(slab.memory, bodyStart);
        return { generation, isPage, slab, start, bodyStart, end };
      });
    },

    clear(): void {
      for (const half of [young, old]) slabs.drop(half.slabs);
      young = newHalf();
      old = newHalf();
    },
  };
}

function moved(answer: CachedResponse, slab: Slab, start: number): CachedResponse {
  answer.slab.memory.copy(slab.memory, start, answer.start, answer.end);
  const by = start - answer.start;
  return { ...answer, slab, start, bodyStart: answer.bodyStart + by, end: answer.end + by };
}

interface Half {
  answers: Map<string, CachedResponse>;
  slabs: Slab[];
  bytes: number;
}

const newHalf = (): Half => ({ answers: new Map(), slabs: [], bytes: 0 });
