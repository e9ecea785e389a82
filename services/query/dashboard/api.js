/** @import { Definition } from '@landfall/contracts/dataset/definition' */
/** @import { Reject } from '@landfall/contracts/dataset/reject' */
/** @import { Run } from '@landfall/contracts/messages/run' */
/** @import { Dataset } from './fields/dataset.js' */
/** @import { Row } from './fields/column.js' */

/** Rows of one answer, and the address of the next page. */
/** @typedef {{ rows: Row[], next: string | undefined, generation: number }} RowPage */

/**
 * An entry of a histogram: the value by the name of the measure, or the bounds `from` and `to`; and how many rows have a file,
 * `with_<companion>`.
 *
 * @typedef {Readonly<Record<string, string | number | boolean | null>> & { count: number }} Entry
 */

/** Statistics of some rows; null where there is no value. */
/** @typedef {Readonly<Record<string, unknown>> & { count: number, histogram?: Entry[] }} Stats */

/** A changed row, with its current values; null after a removal. */
/** @typedef {{ change: 'added' | 'updated' | 'removed', generation: number, id: string, row: Row | null }} Change */

/** Whether the service needs a token and this browser has signed in. The cookie is set by the sign-in page. */
export const isSignedIn = () => /(?:^|; )landfall_name=[^;]/.test(document.cookie);

const SCOPES = ['read', 'run', 'force'];

/**
 * Whether the session allows what needs a scope, as far as the page knows: the service decides. Without a session, it may.
 *
 * @param {'run' | 'force'} needed
 */
export function maySend(needed) {
  const granted = /(?:^|; )landfall_scope=(\w+)/.exec(document.cookie)?.[1] ?? 'force';
  return SCOPES.indexOf(granted) >= SCOPES.indexOf(needed);
}

/** Opens the sign-in page, which leads back to this view. */
const signIn = () =>
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);

/** Ends the session of this browser. */
export async function signOut() {
  await ask('/sign-out', { method: 'POST' });
  location.assign('/sign-in');
}

/** Opens the sign-in page if the session has ended. */
export const checkSession = () => ask('/status').catch(() => undefined);

/** An error answer of the API. */
export class Problem extends Error {
  name = 'Problem';

  /**
   * @param {string} code
   * @param {string} detail
   */
  constructor(code, detail) {
    super(detail);
    this.code = code;
  }
}

/**
 * Sends a request.
 *
 * @param {string} url
 * @param {RequestInit} [init]
 * @throws Problem for an error answer, TypeError when the service cannot be reached
 */
async function ask(url, init) {
  const response = await fetch(url, init);
  if (response.ok) return response;
  if (response.status === 401) signIn();
  const problem = await response.json().catch(() => ({}));
  throw new Problem(problem.code ?? 'unknown', problem.detail ?? `The service answered ${response.status}.`);
}

/** The definition of the data set, as text. @type {() => Promise<string>} */
export const readDefinition = async () => (await ask('/definition')).text();

/** @type {(text: string) => Definition} */
export const parseDefinition = (text) => JSON.parse(text);

/** @type {(query: URLSearchParams, signal: AbortSignal) => Promise<Stats>} */
export const readStats = async (query, signal) =>
  parseStats(await (await ask(`/stats?${query}`, { signal })).text());

/** Keeps all digits of sums, as text: a number may round them. @type {(text: string) => Stats} */
export const parseStats = (text) => JSON.parse(text, withDigits);

/**
 * A browser that does not know the third argument rounds.
 *
 * @type {(name: string, value: unknown, context?: { source?: string }) => unknown}
 */
const withDigits = (name, value, context) =>
  typeof value === 'number' && name.startsWith('sum_') ? (context?.source ?? value) : value;

/** @type {(url: string, signal: AbortSignal) => Promise<RowPage>} */
export async function readRows(url, signal) {
  const response = await ask(url, { signal });
  const next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
  const generation = Number(response.headers.get('landfall-generation'));
  return { rows: await response.json(), next, generation };
}

/** @type {() => Promise<Run[]>} */
export const readRuns = async () => (await ask('/runs')).json();

/** @type {(runId: string) => Promise<Run>} */
export const readRun = async (runId) => (await ask(`/runs/${runId}`)).json();

/** @type {(limit: number) => Promise<Reject[]>} */
export const readRejects = async (limit) => (await ask(`/rejects?limit=${limit}`)).json();

/**
 * Reads the changes since a generation, at most `atMost`.
 *
 * @type {(dataset: Dataset, since: number, atMost: number) => Promise<Change[]>}
 */
export async function readChanges({ key, rowMember }, since, atMost) {
  const { body } = await ask(`/changes?since=${since}&format=ndjson`);
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  /** @type {Change[]} */
  const changes = [];
  for (let rest = ''; reader && changes.length < atMost; ) {
    const { value, done } = await reader.read();
    if (done) return changes;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    changes.push(...lines.slice(0, atMost - changes.length).map((line) => changeOf(JSON.parse(line))));
  }
  await reader?.cancel();
  return changes;

  /** @type {(change: any) => Change} */
  function changeOf({ change, generation, [key]: id, [rowMember]: row }) {
    return { change, generation, id, row };
  }
}

/**
 * Requests a run without waiting for it.
 *
 * @type {(force: boolean) => Promise<string>} its id
 */
export async function requestRun(force) {
  const headers = { prefer: 'respond-async' };
  const response = await ask(force ? '/data?force=true' : '/data', { method: 'POST', headers });
  return (await response.json()).run_id;
}
