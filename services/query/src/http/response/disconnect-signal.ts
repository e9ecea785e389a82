import type { Reply } from '../fastify-scope.ts';

/** Aborts when the client goes before it has its whole answer: work for it can stop then. */
export function disconnectSignal({ raw }: Reply): AbortSignal {
  const gone = new AbortController();
  if (raw.destroyed) gone.abort();
  else {
    raw.once('close', () => {
      if (!raw.writableFinished) gone.abort();
    });
  }
  return gone.signal;
}
