import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { Row } from '@landfall/contracts/dataset/row';
import type { RowChange } from '@landfall/contracts/dataset/row-codec';
import { anyDefinition } from '@landfall/contracts/definition/_any-definition';
import fc from 'fast-check';
import t from 'tap';
import { readFilter } from '../../src/http/request/read-filter.ts';
import { parseSortOrder } from '../../src/search/sort-order.ts';
import { rowJson, rowsOf } from '../support/_any-rows.ts';
import { type AnyTable, makeAnyTable } from '../support/_any-table.ts';
import { histogramParameters, naiveStatistics } from '../support/_naive-statistics.ts';
import { textOf } from '../support/_serialized.ts';
import { statsText } from '../support/_stats.ts';
import { SCAN_LIMIT_CASES } from '../support/_table.ts';

const NOW = Date.UTC(2026, 1, 28, 12);

/** The rows that differ, by ascending id. */
function changesBetween(key: string, before: readonly Row[], now: readonly Row[]): RowChange<Row>[] {
  const [was, is] = [before, now].map((rows) => new Map(rows.map((row) => [String(row[key]), row])));
  const ids = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])].sort();
  return ids
    .filter((id) => JSON.stringify(was?.get(id)) !== JSON.stringify(is?.get(id)))
    .map((id) => ({ id, row: is?.get(id) }));
}

/** The entries of `GET /changes` by ascending id, computed from the rows. */
function naiveChanges(definition: Definition, before: readonly Row[], now: readonly Row[]): unknown[] {
  const key = keyColumn(definition);
  const known = new Set(before.map((row) => row[key]));
  return changesBetween(key, before, now).map(({ id, row }) => ({
    change: row === undefined ? 'removed' : known.has(id) ? 'updated' : 'added',
    [key]: id,
    [definition.one]: row === undefined ? null : JSON.parse(rowJson(definition, row)),
  }));
}

/** The served entries by ascending id, without the generations of the last changes. */
async function servedChanges({ dataSet }: AnyTable, key: string, since: Manifest, at: Manifest) {
  const text = textOf(await Array.fromAsync(dataSet.changes(since, at, 'json')));
  const entries: Record<string, unknown>[] = JSON.parse(`[${text}]`);
  return entries
    .map(({ generation: _, ...entry }) => entry)
    .sort((a, b) => (String(a[key]) < String(b[key]) ? -1 : 1));
}

const history = anyDefinition.chain((definition) =>
  fc.record({
    definition: fc.constant(definition),
    contents: fc.array(rowsOf(definition), { minLength: 2, maxLength: 5 }),
    histogram: fc.constantFrom('', ...histogramParameters(definition)),
    scanLimits: fc.constantFrom(...SCAN_LIMIT_CASES),
    maxRollupCells: fc.constantFrom(3, 1_000),
  }),
);

t.test('deltas of any definition give the rows, changes and statistics of reloads', async (t) => {
  await fc.assert(
    fc.asyncProperty(history, async ({ definition, contents, histogram, ...options }) => {
      const [byDelta, reloaded] = [makeAnyTable(definition, options), makeAnyTable(definition, options)];
      const key = keyColumn(definition);
      const filter = readFilter(definition, {}, NOW);
      const query = { filter, order: parseSortOrder(definition, undefined), from: undefined };
      try {
        for (const [i, content] of contents.entries()) {
          const before = contents[i - 1];
          const at = await byDelta.load(content, before && changesBetween(key, before, content));
          await reloaded.load(content);
          const { dataSet } = byDelta;
          const rows = await Array.fromAsync(dataSet.rows(at, query, 'json', Number.POSITIVE_INFINITY));
          t.equal(textOf(rows), content.map((row) => rowJson(definition, row)).join(), 'rows');
          const stats = await statsText(definition, dataSet, { at, filter, histogram, now: NOW });
          t.equal(stats, naiveStatistics(definition, content, histogram, NOW), 'statistics');
          for (const [earlier, rowsThen] of contents.slice(0, i).entries()) {
            const since = dataSet.generations.byNumber(earlier + 1);
            const changes = await servedChanges(byDelta, key, since, at);
            t.same(changes, naiveChanges(definition, rowsThen, content), `since ${earlier + 1}`);
          }
        }
        t.same(byDelta.allTables(), reloaded.allTables(), 'the same tables');
      } finally {
        await byDelta.close();
        await reloaded.close();
      }
    }),
    { numRuns: 15 },
  );
});
