import { compareBytes } from '@landfall/contracts/text/byte-order';
import t from 'tap';
import type { SourceObject } from '../source/source-object.ts';
import { openListingDiff, UnorderedListingError } from './listing-diff.ts';

/** What an object may be before and after: not there, or there in a version. */
const STATES: readonly (Pick<SourceObject, 'etag' | 'size'> | undefined)[] = [
  undefined,
  { etag: 'one', size: 1 },
  { etag: 'two', size: 1 },
  { etag: 'one', size: 2 },
];
/** In UTF-16, as JavaScript compares, the last would come before the one before it. */
const KEYS = ['a.csv', 'b/a.csv', '\ufffd.csv', '😀.csv'];

t.test('all pairs of states before and after', async (t) => {
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

t.test('an unordered listing is an error, since it would look like removals', async (t) => {
  const b = { key: 'b.csv', etag: 'x', size: 1 };
  const { next, keepBelow } = openListingDiff(
    () => undefined,
    () => undefined,
  );
  next(b);
  t.throws(() => next({ ...b, key: 'a.csv' }), UnorderedListingError);
  t.throws(() => keepBelow('a/'), UnorderedListingError);
});

t.test('a repeated key is reported and compared once', async (t) => {
  const b = { key: 'b.csv', etag: 'x', size: 1 };
  const left = [b, { ...b, key: 'c.csv' }];
  const gone: string[] = [];
  const { next, end } = openListingDiff(
    () => left.shift(),
    (key) => gone.push(key),
  );
  t.same([next(b), next(b), next({ ...b, size: 2 })], ['same', 'repeated', 'repeated']);
  end();
  t.same(gone, ['c.csv']);
});

t.test('known objects below a folder that cannot be listed stay', async (t) => {
  const keys = ['a-b.csv', 'a.csv', 'a/1.csv', 'a/b/2.csv', 'a0.csv', 'b.csv'];
  const left = keys.map((key) => ({ key, etag: 'x', size: 1 }));
  const gone: string[] = [];
  const { next, keepBelow, end } = openListingDiff(
    () => left.shift(),
    (key) => gone.push(key),
  );
  t.equal(next({ key: 'a-b.csv', etag: 'x', size: 1 }), 'same');
  keepBelow('a/');
  keepBelow('a/');
  t.equal(next({ key: 'b.csv', etag: 'x', size: 1 }), 'same');
  end();
  t.same(gone, ['a.csv', 'a0.csv']);
});

t.test('two empty ETags are not the same version', async (t) => {
  const object = { key: 'a.csv', etag: '', size: 1 };
  const left = [object];
  const { next } = openListingDiff(
    () => left.shift(),
    () => undefined,
  );
  t.equal(next(object), 'changed');
});

interface Found {
  new: string[];
  changed: string[];
  gone: string[];
  same: string[];
  repeated: string[];
}

function diff(known: SourceObject[], listed: SourceObject[]): Found {
  const found: Found = { new: [], changed: [], gone: [], same: [], repeated: [] };
  const left = sorted(known);
  const { next, end } = openListingDiff(
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
    repeated: [],
  };
}

function sorted(objects: SourceObject[]): SourceObject[] {
  return objects.toSorted((a, b) => compareBytes(a.key, b.key));
}
