import { ApiError } from '../../errors/api-error.ts';
import type { Client } from '../client/client.ts';
import { openClientTable } from '../client/client-table.ts';
import type { LimitHits } from './limit-hits.ts';
import { takeToken } from './token-bucket.ts';

/** Clients that are known at a time. */
const MAX_CLIENTS = 10_000;
const MS_PER_MINUTE = 60_000;

export type RunRate = ReturnType<typeof openRunRate>;

/**
 * Limits how often a client requests runs.
 *
 * @param perMinute requests of a client in a minute, on average; as many can come at once
 * @param now monotonic, ms
 */
export function openRunRate(perMinute: number, hits: LimitHits, now: () => number = () => performance.now()) {
  const buckets = openClientTable(MAX_CLIENTS, () => ({ tokens: perMinute, filledAt: now() }));
  return {
    /** Counts a request. @throws ApiError too_many_requests, with the seconds until the next one is accepted */
    check(client: Client): void {
      const waitMs = takeToken(buckets.use(client), perMinute, MS_PER_MINUTE / perMinute, now());
      if (waitMs === 0) return;
      hits.hit('run_rate');
      throw new ApiError(
        'too_many_requests',
        `This client (${client.name}) requests more than ${perMinute} runs a minute. Try again later.`,
        { retry_after: Math.ceil(waitMs / 1_000) },
      );
    },
  };
}
