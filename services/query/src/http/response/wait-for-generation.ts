import { ApiError } from '../../errors/api-error.ts';
import type { ApiContext } from '../context.ts';
import type { Reply } from '../fastify-scope.ts';
import { disconnectSignal } from './disconnect-signal.ts';

/**
 * Waits until a generation, or a later one, is served. The wait ends early when the client disconnects or the service
 * stops.
 *
 * @param generation the value of `min_generation`
 * @returns undefined when there is nothing to wait for
 * @throws ApiError generation_not_reached after `generationWaitMs`; too_busy, too_many_requests when too many wait
 */
export function waitForGeneration(
  context: ApiContext,
  generation: number | undefined,
  reply: Reply,
): Promise<void> | undefined {
  const served = context.dataSet.generations.current()?.generation ?? 0;
  return generation === undefined || generation <= served ? undefined : wait(context, generation, reply);
}

async function wait(
  { dataSet, follower, generationWaitMs, longResponses, stopping, log }: ApiContext,
  generation: number,
  reply: Reply,
): Promise<void> {
  const { generations } = dataSet;
  longResponses.beginWait(reply.raw);
  // The event may have been lost. When this attempt fails, the follower polls again soon.
  follower.syncNow().catch((err) => log.warn({ err }, 'the published generation could not be loaded'));
  const signal = AbortSignal.any([stopping, disconnectSignal(reply)]);
  const isServed = await generations.waitFor(generation, generationWaitMs, signal);
  longResponses.endWait(reply.raw);
  if (isServed) return;
  const newest = generations.current()?.generation;
  throw new ApiError(
    'generation_not_reached',
    `Generation ${generation} is not served yet. Try again later.`,
    {
      newest,
    },
  );
}
