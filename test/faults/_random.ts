/** Random numbers that a printed seed repeats (mulberry32). */
export interface Random {
  seed: number;
  /** An integer from 0 to below `n`. */
  below: (n: number) => number;
  pick: <T>(from: readonly T[]) => T;
  chance: (share: number) => boolean;
}

/** @param seed of an earlier run, to repeat it: FAULTS_SEED */
export function openRandom(seed = Number(process.env.FAULTS_SEED ?? Date.now() % 2 ** 31)): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const below = (n: number): number => Math.floor(next() * n);
  return {
    seed,
    below,
    pick(from) {
      const picked = from[below(from.length)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
    chance: (share) => next() < share,
  };
}
