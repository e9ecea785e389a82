/** @import { Change } from '../src/http/response/change-schema.ts' */
/** @import { Stats } from '../src/statistics/summary.ts' */
/** @import { Reject } from '@landfall/contracts/dataset/reject' */
/** @import { Run } from '@landfall/contracts/messages/run' */
/** @import { User } from '@landfall/contracts/dataset/users' */

/** Rows of one answer, and the address of the next page. */
/** @typedef {{ users: User[], next: string | undefined, generation: number }} UserPage */

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
 * @param {string} url
 * @param {RequestInit} [init]
 * Sends a request.
 *
 * @throws Problem for an error answer, TypeError when the service cannot be reached
 */
async function ask(url, init) {
  const response = await fetch(url, init);
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Problem(problem.code ?? 'unknown', problem.detail ?? `The service answered ${response.status}.`);
}

/** @type {(query: URLSearchParams, signal: AbortSignal) => Promise<Stats>} */
export const readStats = async (query, signal) => (await ask(`/stats?${query}`, { signal })).json();

/** @type {(url: string, signal: AbortSignal) => Promise<UserPage>} */
export async function readUsers(url, signal) {
  const response = await ask(url, { signal });
  const next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
  const generation = Number(response.headers.get('landfall-generation'));
  return { users: await response.json(), next, generation };
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
 * @type {(since: number, atMost: number) => Promise<Change[]>}
 */
export async function readChanges(since, atMost) {
  const { body } = await ask(`/changes?since=${since}&format=ndjson`);
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  /** @type {Change[]} */
  const changes = [];
  for (let rest = ''; reader && changes.length < atMost; ) {
    const { value, done } = await reader.read();
    if (done) return changes;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    changes.push(...lines.slice(0, atMost - changes.length).map((line) => JSON.parse(line)));
  }
  await reader?.cancel();
  return changes;
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
