import { drawAvatar } from './avatar.ts';
import { UNUSUAL_SHAPES, usualShape } from './csv-shapes.ts';
import { NAMES } from './names.ts';
import { randomFrom } from './random.ts';

const SEED = 20_260_101;
const FIRST_ID = 1000;
/** Every n-th row has no image. */
const WITHOUT_IMAGE = 5;
/** An image without a record. */
const ORPHAN = '9999.png';

/** Range of births, ms since 1970 UTC: ages up to 95 in mid-2026. */
const OLDEST = Date.UTC(1931, 0, 1);
const YOUNGEST = Date.UTC(2026, 2, 1);

/** Births at the edges of the rules, by id. */
const EDGES: ReadonlyMap<string, number> = new Map([
  ['1000', 0],
  ['1001', Date.UTC(2000, 1, 29)],
  ['1002', Date.UTC(1996, 1, 29, 23, 59, 59, 999)],
  ['1003', Date.UTC(1990, 5, 15)],
  ['1004', -1],
  ['1005', Date.UTC(1952, 1, 29, 12)],
]);

/** Returns all demo users by key, deterministic. */
export function userFiles(): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const random = randomFrom(SEED);
  NAMES.forEach(([first, last], i) => {
    const id = String(FIRST_ID + i);
    const minutes = Math.floor((OLDEST + random() * (YOUNGEST - OLDEST)) / 60_000);
    const birthts = EDGES.get(id) ?? minutes * 60_000;
    const shape = UNUSUAL_SHAPES.get(id) ?? usualShape;
    files.set(`${id}.csv`, Buffer.from(shape({ first, last, birthts })));
    const avatar = drawAvatar(random);
    if (i % WITHOUT_IMAGE !== WITHOUT_IMAGE - 1) files.set(`${id}.png`, avatar);
  });
  files.set(ORPHAN, drawAvatar(random));
  return files;
}
