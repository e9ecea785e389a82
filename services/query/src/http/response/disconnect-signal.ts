import type { Reply } from '../fastify-scope.ts';

/** A signal that aborts when the client disconnects before the whole response was sent. Work for it can stop then. */
export function disconnectSignal({ raw }: Reply): AbortSignal {
  const controller = new AbortController();
  if (raw.destroyed) controller.abort();
  else {
    raw.once('close', () => {
      if (!raw.writableFinished) controller.abort();
    });
  }
  return controller.signal;
}
