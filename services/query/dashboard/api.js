/** @import { Change } from '../src/http/response/change-schema.ts' */
/** @import { Stats } from '../src/statistics/summary.ts' */
/** @import { Reject } from '@landfall/contracts/dataset/reject' */
/** @import { Run } from '@landfall/contracts/messages/run' */
/** @import { User } from '@landfall/contracts/dataset/users' */

/** Users of one answer, and where the next ones are. */
/** @typedef {{ users: User[], next: string | undefined, generation: number }} UserPage */

/** An answer that is an error, in the API's own words. */
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
 * @throws Problem, or a TypeError when nobody answers
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
 * Who has changed since a generation; not more than `atMost`, however many there are.
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
 * Asks for a run, and does not wait for it.
 *
 * @type {(force: boolean) => Promise<string>} its id
 */
export async function askForRun(force) {
  const headers = { prefer: 'respond-async' };
  const response = await ask(force ? '/data?force=true' : '/data', { method: 'POST', headers });
  return (await response.json()).run_id;
}
