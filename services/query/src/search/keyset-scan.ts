/** What one step of a scan read, and the position of the next step; undefined after the last one. */
export interface ScanStep<Item, Position> {
  /** undefined when the step found nothing. */
  item: Item | undefined;
  next: Position | undefined;
}

/**
 * Reads in short steps, each starting where the one before ended, and lets the event loop run in between. A position is a
 * key, not an offset: rows that come or go between two steps do not move the others.
 *
 * @param start the position of the first step
 * @param readStep reads one step
 */
export async function* keysetScan<Item, Position>(
  start: Position,
  readStep: (position: Position) => ScanStep<Item, Position>,
): AsyncGenerator<Item> {
  for (let position = start; ; ) {
    const { item, next } = readStep(position);
    if (item !== undefined) yield item;
    if (next === undefined) return;
    position = next;
    await new Promise(setImmediate);
  }
}
