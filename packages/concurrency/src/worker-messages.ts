import type { ErrorData } from './error-data.ts';

/** The kinds of calls that a worker thread serves: the query of each, and the parts of its result. */
export type CallKinds<Kinds> = { [Kind in keyof Kinds]: { query: unknown; part: unknown } };

/** A call of one of these kinds. */
export type Call<Kinds extends CallKinds<Kinds>> = {
  [Kind in keyof Kinds]: { kind: Kind; query: Kinds[Kind]['query'] };
}[keyof Kinds];

/** A part of the result of a call. */
export type PartOf<Kinds extends CallKinds<Kinds>, C extends Call<Kinds>> = Kinds[C['kind']]['part'];
export type AnyPart<Kinds extends CallKinds<Kinds>> = Kinds[keyof Kinds]['part'];

/** A message to the worker. All messages of one event-loop tick are sent as an array. */
export type ToWorker<C, Setting> =
  | { what: 'call'; id: number; call: C }
  /** A part was consumed: the worker may send another one. */
  | { what: 'more'; id: number }
  /** The rest of the result is not needed. */
  | { what: 'stop'; id: number }
  | { what: 'set'; setting: Setting }
  | { what: 'close' };

/** A message about a call: its parts, then its end or its failure. Nothing follows a part that is the last one. */
export type CallMessage<Part> = { id: number } & (
  | { part: Part; isLast: boolean }
  | { isEnd: true }
  | { error: ErrorData }
);

/** A message from the worker. All messages of one event-loop tick are sent as an array. */
export type FromWorker<Part, Event> =
  | CallMessage<Part>
  | { event: Event }
  /** The first message: its modules are loaded. */
  | { isReady: true };
