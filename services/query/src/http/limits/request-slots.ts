import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from '../../errors/api-error.ts';
import type { Client } from '../client/client.ts';
import type { LimitHits } from './limit-hits.ts';
import type { Limits } from './limits.ts';
import { openSlots, type Slots } from './slots.ts';

/** The health check passes the limits: a busy service must not be restarted. */
const UNLIMITED_PATH = '/healthz';
/** Requests that are answered at the same time while the event loop is late. */
const MAX_WHEN_LATE = 32;

/** Where responses are that do not count. */
const NO_SLOTS: Pick<Slots, 'release'> = { release: () => undefined };

const SLOT = Symbol('slot');
interface CountedResponse extends ServerResponse {
  /** What the response counts as, and for whom. */
  [SLOT]?: { slots: Pick<Slots, 'release'>; client: Client } | undefined;
}

export type RequestSlots = ReturnType<typeof openRequestSlots>;

/**
 * Limits the requests that are answered at the same time, in all and for each client. While the event loop is late, nearly all are
 * refused, before their latency collapses: a refusal costs a fraction of an answer.
 *
 * @param isLate whether the event loop is late
 */
export function openRequestSlots(
  limits: Pick<Limits, 'concurrentRequests' | 'concurrentRequestsPerClient'>,
  clientOf: (request: IncomingMessage) => Client,
  isLate: () => boolean,
  hits: LimitHits,
) {
  const slots = openSlots(
    'concurrent_requests',
    limits.concurrentRequests,
    limits.concurrentRequestsPerClient,
    hits,
  );

  // One listener for all responses, not a closure for each.
  function onClose(this: CountedResponse): void {
    const slot = this[SLOT];
    this[SLOT] = undefined;
    slot?.slots.release(slot.client);
  }

  return {
    /** Counts a request until its response is closed. @returns why it is refused: too_busy, too_many_requests */
    enter(request: IncomingMessage, response: CountedResponse): ApiError | undefined {
      if (request.url === UNLIMITED_PATH) return undefined;
      if (slots.taken() >= MAX_WHEN_LATE && isLate()) {
        hits.hit('event_loop_delay');
        return new ApiError('too_busy', 'The service is overloaded. Try again later.');
      }
      const client = clientOf(request);
      const refusal = slots.take(client);
      if (refusal) return refusal;
      response[SLOT] = { slots, client };
      response.on('close', onClose);
      return undefined;
    },

    /**
     * Counts a response by another limit from now on, until it is closed: it stays open for long, as it streams or waits. A few
     * hundred of these would otherwise leave no room for other requests.
     *
     * @throws ApiError too_busy, too_many_requests
     */
    move(response: CountedResponse, to: Pick<Slots, 'take' | 'release'>): void {
      const slot = response[SLOT];
      // The client has disconnected.
      if (!slot) return;
      const refusal = to.take(slot.client);
      if (refusal) throw refusal;
      slot.slots.release(slot.client);
      response[SLOT] = { slots: to, client: slot.client };
    },

    /** Counts a response no more, unless it is moved again. */
    leave(response: CountedResponse): void {
      const slot = response[SLOT];
      if (!slot) return;
      slot.slots.release(slot.client);
      response[SLOT] = { slots: NO_SLOTS, client: slot.client };
    },
  };
}
