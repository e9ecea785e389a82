import { compareBytes } from '@landfall/contracts/byte-order';
import t from 'tap';
import { openDiff } from './diff.ts';
import type { SourceObject } from './match.ts';

/** What an object may be before and after: not there, or there in a version. */
const STATES: readonly (Pick<SourceObject, 'etag' | 'size'> | undefined)[] = [
  undefined,
  { etag: 'one', size: 1 },
  { etag: 'two', size: 1 },
  { etag: 'one', size: 2 },
];
/** In UTF-16, as JavaScript compares, the last would come before the one before it. */
const KEYS = ['a.csv', 'b/a.csv', '\ufffd.csv', '😀.csv'];

t.test('every pair of before and after', async (t) => {
  for (const before of STATES) {
    for (const after of STATES) {
      // Each key once in that pair, its neighbours as they were, not there, or new.
      for (const key of KEYS) {
        for (const [wasThere, isThere] of [
          [true, true],
          [false, false],
          [false, true],
          [true, false],
        ]) {
          const others = KEYS.filter((each) => each !== key).map((each) => ({
            key: each,
            etag: 'x',
            size: 9,
          }));
          const known = [...(wasThere ? others : []), ...(before ? [{ key, ...before }] : [])];
          const listed = [...(isThere ? others : []), ...(after ? [{ key, ...after }] : [])];
          const name = JSON.stringify({ key, before, after, wasThere, isThere });
          t.same(diff(known, listed), naiveDiff(known, listed), name);
        }
      }
    }
  }
});

t.test('a listing out of order is refused: it would be taken for removals', async (t) => {
  const b = { key: 'b.csv', etag: 'x', size: 1 };
  for (const key of ['a.csv', 'b.csv']) {
    const { next } = openDiff(
      () => undefined,
      () => undefined,
    );
    next(b);
    t.throws(() => next({ ...b, key }), { name: 'RangeError' }, key);
  }
});

interface Found {
  new: string[];
  changed: string[];
  gone: string[];
  same: string[];
}

function diff(known: SourceObject[], listed: SourceObject[]): Found {
  const found: Found = { new: [], changed: [], gone: [], same: [] };
  const left = sorted(known);
  const { next, end } = openDiff(
    () => left.shift(),
    (key) => found.gone.push(key),
  );
  for (const object of sorted(listed)) found[next(object)].push(object.key);
  end();
  return found;
}

function naiveDiff(known: SourceObject[], listed: SourceObject[]): Found {
  const before = new Map(known.map((object) => [object.key, object]));
  const after = new Map(listed.map((object) => [object.key, object]));
  const keys = (wanted: (a?: SourceObject, b?: SourceObject) => boolean) =>
    sorted([...new Map([...before, ...after]).values()])
      .map(({ key }) => key)
      .filter((key) => wanted(before.get(key), after.get(key)));
  const differ = (a: SourceObject, b: SourceObject) => a.etag !== b.etag || a.size !== b.size;
  return {
    new: keys((a, b) => !a && b !== undefined),
    changed: keys((a, b) => a !== undefined && b !== undefined && differ(a, b)),
    gone: keys((a, b) => a !== undefined && !b),
    same: keys((a, b) => a !== undefined && b !== undefined && !differ(a, b)),
  };
}

function sorted(objects: SourceObject[]): SourceObject[] {
  return objects.toSorted((a, b) => compareBytes(a.key, b.key));
}
