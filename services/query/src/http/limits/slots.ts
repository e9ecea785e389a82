import { ApiError } from '../../errors/api-error.ts';
import type { Client } from '../client/client.ts';
import type { LimitHits } from './limit-hits.ts';

/** What is limited in all and for each client, with what an error says when it is full. */
const TOO_MANY = {
  concurrent_requests: 'The service handles too many requests',
  streams: 'Too many responses are streamed',
  generation_waiters: 'Too many requests wait for a generation',
  event_streams: 'Too many clients are subscribed',
} as const;

export type Slots = ReturnType<typeof openSlots>;

/**
 * Limits what is open at the same time, in all and for each client. The table of clients needs no bound of its own: a client
 * without a slot is not in it.
 */
export function openSlots(name: keyof typeof TOO_MANY, max: number, maxPerClient: number, hits: LimitHits) {
  let taken = 0;
  const byClient = new Map<string, number>();

  return {
    /**
     * Takes a slot, which must be given back.
     *
     * @returns why there is none: too_many_requests, too_busy; undefined when it was taken
     */
    take(client: Client): ApiError | undefined {
      const key = keyOf(client);
      const own = byClient.get(key) ?? 0;
      if (taken >= max) {
        hits.hit(name);
        return new ApiError('too_busy', `${TOO_MANY[name]}. Try again later.`);
      }
      if (own >= maxPerClient) {
        hits.hit(`${name}_per_client`);
        return new ApiError(
          'too_many_requests',
          `${TOO_MANY[name]} for this client (${client.name}). Try again later.`,
        );
      }
      taken++;
      byClient.set(key, own + 1);
      return undefined;
    },

    /** Gives a slot back. */
    release(client: Client): void {
      taken--;
      const key = keyOf(client);
      const own = byClient.get(key) ?? 0;
      if (own > 1) byClient.set(key, own - 1);
      else byClient.delete(key);
    },

    /** How many are taken. */
    taken: (): number => taken,
    /** How many clients have one. */
    clients: (): number => byClient.size,
  };
}

const keyOf = ({ kind, name }: Client): string => `${kind} ${name}`;
