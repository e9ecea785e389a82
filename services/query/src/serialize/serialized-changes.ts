import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import { CHANGES_TABLE, ROWS_TABLE, VALID_FROM, VALID_UNTIL } from '../database/identifiers.ts';
import type { GenerationId, SnapshotReader } from '../database/snapshot-reader.ts';
import { keysetScan } from '../search/keyset-scan.ts';
import { keySql, type RowSource } from '../search/row-sql.ts';
import { rowSerializers } from './row-serializer.ts';
import { rowsPerChunk, type SerializedChunk, serializeChunk } from './serialized-chunk.ts';
import type { TextFormat } from './text-format.ts';

/** Which changes are read, and how they are written. */
export interface ChangesQuery {
  /** The earlier generation. */
  since: GenerationId;
  at: GenerationId;
  /** Sets the separator. A change is a JSON object in every format. */
  format: TextFormat;
}

type Entry = [generation: number, id: string, before: string | null, now: string | null, isLast: 0 | 1];
type Position = [generation: number, id: string];

/**
 * Reads the rows that differ between two generations as chunks of JSON objects: each row once, in the order in which they last
 * changed. A row that changed back is left out.
 *
 * @throws ApiError generation_gone when one of the two generations is no longer kept
 */
export function readSerializedChanges(
  { reader, definition, scanLimits }: RowSource,
  query: ChangesQuery,
): AsyncGenerator<SerializedChunk> {
  const sql = entriesSql(definition);
  const textOf = changeSerializer(definition);
  let limit = scanLimits.rowsPerRead;
  // A generation's changes are those since the generation before.
  const start: Position = [query.since.generation + 1, ''];
  return keysetScan(start, (position) => {
    const count = limit;
    const entries = readEntries(reader, sql, query, position, count);
    const texts = entries.flatMap((entry) => textOf(entry) ?? []);
    const item = texts.length > 0 ? serializeChunk(texts, query.format) : undefined;
    if (item) limit = Math.min(scanLimits.rowsPerRead, rowsPerChunk(texts.length, item.text));
    const last = entries.length === count ? entries.at(-1) : undefined;
    const next: Position | undefined = last && [last[0], last[1]];
    return { item, next };
  });
}

function readEntries(
  reader: SnapshotReader,
  sql: string,
  { since, at }: ChangesQuery,
  position: Position,
  count: number,
): Entry[] {
  const [from, to] = [since.generation, at.generation];
  const values = [from, from, to, to, to, to, ...position, to, count];
  return reader.at(at, () => reader.at(since, () => reader.rows<Entry>(sql, ...values)));
}

/** Changes with the row's JSON at both generations, and whether the row does not change again until the later one. */
function entriesSql(definition: Definition): string {
  const row = `u.${keySql(definition)} = c.id`;
  const rowAt = `SELECT ${rowSerializers(definition).json} FROM ${ROWS_TABLE} u
    WHERE ${row} AND u.${VALID_FROM} <= ? AND u.${VALID_UNTIL} > ?`;
  // A later change begins or ends a version of the row.
  const changesAgain = `SELECT 1 FROM ${ROWS_TABLE} u WHERE ${row} AND
    ((u.${VALID_FROM} > c.generation AND u.${VALID_FROM} <= ?) OR
     (u.${VALID_UNTIL} > c.generation AND u.${VALID_UNTIL} <= ?))`;
  return `SELECT c.generation, c.id, (${rowAt}), (${rowAt}), NOT EXISTS (${changesAgain})
    FROM ${CHANGES_TABLE} c WHERE (c.generation, c.id) > (?, ?) AND c.generation <= ?
    ORDER BY c.generation, c.id LIMIT ?`;
}

/** Returns a function that writes a change as JSON; undefined when the row changes again later, or has changed back. */
function changeSerializer(definition: Definition): (entry: Entry) => string | undefined {
  const [key, row] = [JSON.stringify(keyColumn(definition)), JSON.stringify(definition.one)];
  return ([generation, id, before, now, isLast]) => {
    if (!isLast || before === now) return undefined;
    const change = before === null ? 'added' : now === null ? 'removed' : 'updated';
    return `{"change":"${change}","generation":${generation},${key}:${JSON.stringify(id)},${row}:${now}}`;
  };
}
