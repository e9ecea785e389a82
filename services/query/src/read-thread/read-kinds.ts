import type { RowSource } from '../search/row-sql.ts';
import type { SplitPoints } from '../search/split-points.ts';
import { type SummaryQuery, summarizeRows } from '../search/summarize-rows.ts';
import { type ChangesQuery, readSerializedChanges } from '../serialize/serialized-changes.ts';
import type { RowChunk, SerializedChunk } from '../serialize/serialized-chunk.ts';
import { type RejectsQuery, readSerializedRejects } from '../serialize/serialized-rejects.ts';
import { readSerializedRows, type SerializedRowsQuery } from '../serialize/serialized-rows.ts';
import type { Summary } from '../statistics/summary.ts';

/** The kinds of reads that the read thread serves: the query of each, and the parts of its result. */
export interface ReadKinds {
  rows: { query: SerializedRowsQuery; part: RowChunk };
  changes: { query: ChangesQuery; part: SerializedChunk };
  rejects: { query: RejectsQuery; part: SerializedChunk };
  summary: { query: SummaryQuery; part: Summary };
}
type Kind = keyof ReadKinds;
export type ReadRequest = { [Each in Kind]: { kind: Each; query: ReadKinds[Each]['query'] } }[Kind];
export type ReadPart<R extends ReadRequest = ReadRequest> = ReadKinds[R['kind']]['part'];

/** What a read needs, in either thread. */
export interface ReadContext extends RowSource {
  splitPoints: SplitPoints;
}

/** Runs a read in short steps, between which the event loop runs. See the functions for the errors that they throw. */
export function runRead(request: ReadRequest, context: ReadContext): AsyncGenerator<ReadPart> {
  switch (request.kind) {
    case 'rows':
      return readSerializedRows(context, context.splitPoints, request.query);
    case 'changes':
      return readSerializedChanges(context, request.query);
    case 'rejects':
      return readSerializedRejects(context, request.query);
    case 'summary':
      return summarizeRows(context, request.query);
  }
}

/** Whether a part is known to be the last one. Other reads end with a message of their own. */
export const isLastPart = (part: ReadPart): boolean =>
  'measures' in part || ('next' in part && part.next !== undefined);

/** The memory of a part, which is transferred to the other thread instead of copied. */
export const transferListOf = (part: ReadPart): ArrayBuffer[] => ('text' in part ? [part.text.buffer] : []);
