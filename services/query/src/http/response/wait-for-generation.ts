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
 * @throws ApiError generation_not_reached after `generationWaitMs`; too_busy when too many requests wait
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
  { dataSet, follower, generationWaitMs, limits, stopping, log }: ApiContext,
  generation: number,
  reply: Reply,
): Promise<void> {
  const { generations } = dataSet;
  if (generations.waiterCount() >= limits.generationWaiters) {
    throw new ApiError('too_busy', 'Too many requests wait for a generation. Try again later.');
  }
  // The event may have been lost. When this attempt fails, the follower polls again soon.
  follower.syncNow().catch((err) => log.warn({ err }, 'the published generation could not be loaded'));
  const signal = AbortSignal.any([stopping, disconnectSignal(reply)]);
  if (await generations.waitFor(generation, generationWaitMs, signal)) return;
  const newest = generations.current()?.generation;
  throw new ApiError(
    'generation_not_reached',
    `Generation ${generation} is not served yet. Try again later.`,
    {
      newest,
    },
  );
}
