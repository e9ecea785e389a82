import { openSlabAllocator, type Slab } from './slab-allocator.ts';

/** A response as it is sent. */
export interface FullResponse {
  generation: number;
  /** All headers of a 200, names and values alternately. */
  headers: string[];
  body: Buffer;
  /** Whether it is one page of several. Reading pages keeps their generation. */
  isPage: boolean;
  /** For the metrics; see `openCacheHits`. */
  route: number;
}

/**
 * A stored response: a few numbers, and the rest as bytes. V8 copies each long-lived object twice, and an array of headers is
 * thirty objects: a scavenge takes 2 ms with bytes, and 4 ms with arrays.
 */
export interface CachedResponse extends Pick<FullResponse, 'generation' | 'isPage' | 'route'> {
  /** Count a `pendingSends` while the body is sent. */
  slab: Slab;
  /** Position in the slab: first the headers, then the body. */
  start: number;
  bodyStart: number;
  end: number;
}

/** The headers; see `FullResponse`. */
export const headersOf = ({ slab, start, bodyStart }: CachedResponse): string[] =>
  slab.memory.toString('latin1', start, bodyStart).split(SEPARATOR);
export const bodyOf = ({ slab, bodyStart, end }: CachedResponse): Buffer =>
  slab.memory.subarray(bodyStart, end);

/** Occurs in no header. */
const SEPARATOR = '\n';

/** Approximate memory of an entry beside its bytes and its key, bytes. */
const OVERHEAD = 200;
/** Size of a slab, bytes; smaller in a small cache. */
const SLAB_BYTES = 2 ** 20;
const MIN_SLABS = 16;

/**
 * A cache of two generations. Entries that are read move into the young one. When that is full, the old one is dropped and the
 * young one becomes the old one. Entries that are read often stay, and a read changes almost nothing.
 *
 * @param maxBytes of both generations
 */
export function openTwoGenerationCache(maxBytes: number) {
  const slabs = openSlabAllocator(Math.min(SLAB_BYTES, Math.floor(maxBytes / MIN_SLABS)));
  let young = newPart();
  let old = newPart();

  /** @param write writes the bytes at the position that it is given */
  function store(
    key: string,
    bytes: number,
    write: (slab: Slab, start: number) => CachedResponse,
  ): CachedResponse | undefined {
    const there = young.entries.get(key);
    if (there) return there;
    const overhead = 2 * key.length + OVERHEAD;
    const bytesWith = (all: readonly Slab[]) => slabs.growth(all, bytes) + overhead;
    if (bytesWith([]) > maxBytes / 2) return undefined;
    const dropped = young.bytes + bytesWith(young.slabs) > maxBytes / 2 ? old.slabs : undefined;
    if (dropped) [old, young] = [young, newPart()];
    young.bytes += bytesWith(young.slabs);
    const { slab, start } = slabs.reserve(young.slabs, bytes);
    const answer = write(slab, start);
    // After the write, because its bytes may come from these slabs.
    if (dropped) slabs.drop(dropped);
    young.entries.set(key, answer);
    return answer;
  }

  return {
    get(key: string): CachedResponse | undefined {
      const answer = young.entries.get(key);
      if (answer) return answer;
      const older = old.entries.get(key);
      return older && store(key, older.end - older.start, (slab, start) => moved(older, slab, start));
    },

    /**
     * Stores a response, unless there is one with this key.
     *
     * @returns the stored response; undefined when it is too large
     */
    put(key: string, { generation, headers, body, isPage, route }: FullResponse): CachedResponse | undefined {
      const head = headers.join(SEPARATOR);
      return store(key, head.length + body.length, (slab, start) => {
        const bodyStart = start + slab.memory.write(head, start, 'latin1');
        const end = bodyStart + body.copy(slab.memory, bodyStart);
        return { generation, isPage, route, slab, start, bodyStart, end };
      });
    },

    clear(): void {
      for (const part of [young, old]) slabs.drop(part.slabs);
      young = newPart();
      old = newPart();
    },
  };
}

function moved(answer: CachedResponse, slab: Slab, start: number): CachedResponse {
  answer.slab.memory.copy(slab.memory, start, answer.start, answer.end);
  const by = start - answer.start;
  return { ...answer, slab, start, bodyStart: answer.bodyStart + by, end: answer.end + by };
}

interface Part {
  entries: Map<string, CachedResponse>;
  slabs: Slab[];
  bytes: number;
}

const newPart = (): Part => ({ entries: new Map(), slabs: [], bytes: 0 });
