/** Gathers what is said in one turn of the event loop, and hands it over as one behind the last of it. */
export function gatherPerTurn<T>(handOver: (all: T[]) => void) {
  let gathered: T[] = [];

  function endTurn(): void {
    const all = gathered;
    gathered = [];
    if (all.length > 0) handOver(all);
  }

  return {
    add(each: T): void {
      if (gathered.push(each) === 1) setImmediate(endTurn);
    },
    /** Forgets what has not been handed over. */
    drop(): void {
      gathered = [];
    },
  };
}
