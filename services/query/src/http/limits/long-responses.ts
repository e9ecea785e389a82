import type { ServerResponse } from 'node:http';
import type { LimitHits } from './limit-hits.ts';
import type { Limits } from './limits.ts';
import type { RequestSlots } from './request-slots.ts';
import { openSlots } from './slots.ts';

export type LongResponses = ReturnType<typeof openLongResponses>;

/** The limits of responses that stay open for long. They do not count as requests that are answered. */
export function openLongResponses(
  limits: Limits,
  requests: Pick<RequestSlots, 'move' | 'leave'>,
  hits: LimitHits,
) {
  const streams = openSlots('streams', limits.streams, limits.streamsPerClient, hits);
  const events = openSlots('event_streams', limits.eventStreams, limits.eventStreamsPerClient, hits);
  const waiters = openSlots(
    'generation_waiters',
    limits.generationWaiters,
    limits.generationWaitersPerClient,
    hits,
  );
  let compressed = 0;

  return {
    /** Counts a response that is streamed, until it is closed. @throws ApiError too_busy, too_many_requests */
    beginStream: (response: ServerResponse): void => requests.move(response, streams),

    /** Counts an event stream until it is closed. @throws ApiError too_busy, too_many_requests */
    beginEvents: (response: ServerResponse): void => requests.move(response, events),

    /** Counts a request that waits, until `endWait`. @throws ApiError too_busy, too_many_requests */
    beginWait: (response: ServerResponse): void => requests.move(response, waiters),

    /** The request is answered now. It does not count again: those that waited are as many as may wait. */
    endWait: requests.leave,

    /**
     * Counts a stream that is compressed. Compression takes most of the CPU time of a stream, and the threads that also read files.
     *
     * @returns false when there are too many: the stream is to be sent uncompressed
     */
    beginCompression(): boolean {
      if (compressed >= limits.gzipStreams) {
        hits.hit('gzip_streams');
        return false;
      }
      compressed++;
      return true;
    },

    endCompression(): void {
      compressed--;
    },
  };
}
