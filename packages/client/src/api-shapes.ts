import type { paths } from './api-schema.ts';

/** The JSON body of an answer with status 200. */
type Body<Paths, Path extends PropertyKey> =
  Paths extends Record<Path, { get: { responses: { 200: { content: { 'application/json': infer Json } } } } }>
    ? Json
    : never;
type Item<List> = List extends readonly (infer Each)[] ? Each : never;

/** A row of the data set. */
export type Row<Paths = paths> = Item<Body<Paths, '/data'>>;

/** A row that was added, updated or removed. */
export type Change<Paths = paths> = Item<Body<Paths, '/changes'>>;

/** Filter and order of rows: the query parameters of `GET /data` without those of pages and formats. */
export type RowQuery<Paths = paths> =
  Paths extends Record<'/data', { get: { parameters: { query?: infer Query } } }>
    ? Omit<NonNullable<Query>, 'limit' | 'cursor' | 'format' | 'excel' | 'count'>
    : never;

/** A page of rows. All pages of one iteration come from the same generation. */
export interface Page<Paths = paths> {
  generation: number;
  rows: Row<Paths>[];
}

/** What differs from an earlier generation. Each row appears once, with its current values. */
export interface ChangeSet<Paths = paths> {
  /** The generation that the changes lead to: the next `since`. */
  generation: number;
  changes: Change<Paths>[];
}
