import { type Api, readAnswer } from './api-answer.ts';
import type { ChangeSet } from './api-shapes.ts';
import type { LandfallEvent } from './landfall-event.ts';
import { untilAnswered } from './reconnect.ts';

/**
 * Yields what changed since a generation, and then each further change as soon as it is served. Store the generation of each set when
 * you have applied it: started again with it as `since`, nothing is missed and nothing repeated.
 *
 * @param events of the same service
 * @throws LandfallError `generation_gone` when `since` is not kept any more: read all rows again; `unexpected_answer`
 */
export async function* followChanges(
  api: Api,
  events: AsyncIterable<LandfallEvent>,
  since: number,
  signal?: AbortSignal,
): AsyncGenerator<ChangeSet> {
  let at = since;
  for await (const event of events) {
    // A replica that is behind names an earlier one.
    if (event.type !== 'dataset' || event.data.generation <= at) continue;
    const query = { since: at, min_generation: event.data.generation };
    const set = await untilAnswered(() => readChanges(api, query, signal), signal);
    at = set.generation;
    yield set;
  }
}

/**
 * Reads what differs between an earlier generation and the newest.
 *
 * @param min_generation the newest generation that is known: another replica may still have to load it
 * @throws LandfallError `generation_gone`, `generation_not_found`, `unexpected_answer`
 */
export async function readChanges(
  api: Api,
  query: { since: number; min_generation?: number },
  signal?: AbortSignal,
): Promise<ChangeSet> {
  const request = api.GET('/changes', { params: { query }, signal: signal ?? null });
  const { data, generation } = await readAnswer(request);
  return { generation, changes: data };
}
