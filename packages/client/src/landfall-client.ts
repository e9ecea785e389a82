import createClient from 'openapi-fetch';
import type { Api, JsonType } from './api-answer.ts';
import type { paths } from './api-schema.ts';
import type { Change, ChangeSet, Page, Row, RowQuery } from './api-shapes.ts';
import { followChanges, readChanges } from './follow-changes.ts';
import { LandfallError } from './landfall-error.ts';
import { type LandfallEvent, landfallEvent } from './landfall-event.ts';
import { type EventOptions, readEvents } from './read-events.ts';
import { type PageOptions, readPages } from './read-pages.ts';
import { type Fetch, type RetryOptions, retryingFetch } from './retrying-fetch.ts';

export type {
  Change,
  ChangeSet,
  EventOptions,
  Fetch,
  LandfallEvent,
  Page,
  PageOptions,
  paths,
  RetryOptions,
  Row,
  RowQuery,
};
export { LandfallError };

/** Settings of a client. */
export interface ClientOptions extends RetryOptions {
  /** Token of a service that requires one. */
  token?: string;
  /** In the place of the global `fetch`. */
  fetch?: Fetch;
}

/** A client of one Landfall service. `Paths`: the types of its OpenAPI document. */
export interface LandfallClient<Paths extends object = paths> {
  /** Every operation of the API by its path, typed: `api.GET('/stats', { params: { query: { min_age: 30 } } })`. */
  api: Api<Paths>;
  /** Reads the rows that match, page by page, all of one generation. */
  pages(query?: RowQuery<Paths>, options?: PageOptions): AsyncGenerator<Page<Paths>>;
  /** Reads the rows that match, one by one, all of one generation. */
  rows(query?: RowQuery<Paths>, options?: PageOptions): AsyncGenerator<Row<Paths>>;
  /** Reads what differs between the generation `since` and the newest. */
  changes(since: number, options?: { signal?: AbortSignal }): Promise<ChangeSet<Paths>>;
  /** Yields what changed since a generation, and then each further change. It never ends by itself. */
  follow(since: number, options?: Omit<EventOptions, 'lastEventId'>): AsyncGenerator<ChangeSet<Paths>>;
  /** Yields the events of the service. It reconnects and never ends by itself. */
  events(options?: EventOptions): AsyncGenerator<LandfallEvent>;
}

/**
 * Makes a client. It sends nothing yet.
 *
 * @param url of the service, with the path prefix of a proxy when there is one
 * @throws TypeError when no request can have this URL or this token; it does not quote them
 */
export function openLandfall<Paths extends object = paths>(
  url: string | URL,
  options?: ClientOptions,
): LandfallClient<Paths>;
// Inside, the types are those of `users`: no statement depends on the columns.
export function openLandfall(url: string | URL, options: ClientOptions = {}): LandfallClient {
  const { token, fetch = (request: Request) => globalThis.fetch(request) } = options;
  const baseUrl = String(url).replace(/\/+$/, '');
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  checkAddress(baseUrl, headers);
  const api = createClient<paths, JsonType>({ baseUrl, headers, fetch: retryingFetch(fetch, options) });

  async function* events(how: EventOptions = {}): AsyncGenerator<LandfallEvent> {
    for await (const message of readEvents(`${baseUrl}/events`, headers, fetch, how)) {
      const event = landfallEvent(message);
      if (event) yield event;
    }
  }

  return {
    api,
    pages: (query = {}, how = {}) => readPages(api, query, how),
    async *rows(query = {}, how = {}) {
      for await (const { rows } of readPages(api, query, how)) yield* rows;
    },
    changes: (since, { signal } = {}) => readChanges(api, { since }, signal),
    follow: (since, how = {}) => followChanges(api, events(how), since, how.signal),
    events,
  };
}

/** Errors of the platform quote what they refuse, and with it a password or a token that a log must not have. */
function checkAddress(baseUrl: string, headers: Record<string, string>): void {
  try {
    new Headers(headers);
  } catch {
    throw new TypeError('The token has characters that no HTTP header can have, for example a line end.');
  }
  try {
    new Request(`${baseUrl}/data`);
  } catch {
    throw new TypeError(
      'The URL of the service is not valid, or has a user name or a password. Use `token`.',
    );
  }
}
