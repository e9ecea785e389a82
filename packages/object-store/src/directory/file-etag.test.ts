import fs from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { versionOf } from './file-etag.ts';

/** A file's figures, over the real ones of some file. */
function statsOf(changes: Partial<Record<'ino' | 'size' | 'mtimeNs' | 'ctimeNs', bigint>>): fs.BigIntStats {
  return Object.assign(fs.statSync(import.meta.filename, { bigint: true }), changes);
}

const FIGURES = ['ino', 'size', 'mtimeNs', 'ctimeNs'] as const;

t.test('the version depends on inode, size and times only', async (t) => {
  const figure = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
  const near = fc.constantFrom(1n, -1n, 1_000n, 1_000_000n, 2n ** 32n, 2n ** 62n);
  fc.assert(
    fc.property(
      fc.tuple(figure, figure, figure, figure),
      fc.constantFrom(...FIGURES),
      near,
      ([ino, size, mtimeNs, ctimeNs], changed, by) => {
        const figures = { ino, size, mtimeNs, ctimeNs };
        const { etag } = versionOf(statsOf(figures));
        t.match(etag, /^[\w-]{22}$/);
        t.equal(versionOf(statsOf(figures)).etag, etag);
        const other = { ...figures, [changed]: BigInt.asUintN(63, figures[changed] + by) };
        t.not(versionOf(statsOf(other)).etag, etag, changed);
      },
    ),
    { numRuns: 300 },
  );
});

t.test('many files created in a row have different versions', async (t) => {
  const seen = new Set<string>();
  const start = 1_700_000_000_000_000_000n;
  for (let i = 0n; i < 200_000n; i++) {
    // Inodes in a row, a few sizes, times a few µs apart: as a folder that was just filled has them.
    seen.add(
      versionOf(freshFile({ ino: 1_000n + i, size: 50n + (i % 7n), mtimeNs: start + i * 4_000n })).etag,
    );
  }
  t.equal(seen.size, 200_000);
});

const base = statsOf({});
/** The same without asking the file system again; written at once, so both times are one. */
function freshFile({ ino, size, mtimeNs }: Record<'ino' | 'size' | 'mtimeNs', bigint>): fs.BigIntStats {
  return Object.assign(base, { ino, size, mtimeNs, ctimeNs: mtimeNs });
}
