import type { Access } from '../../access/access.ts';
import { callerOf } from '../../access/caller.ts';
import type { Reply } from '../fastify-scope.ts';

/** How long a client may take to read the end of a stream that is ended, ms. Then its connection is closed. */
const CLOSE_AFTER_MS = 1_000;

/**
 * A signal that aborts when the caller loses access while its answer is open: the token is removed from the list, or the session
 * ends. The caller ends the answer then; one that is not read is closed.
 *
 * @param access undefined when no tokens are configured
 * @param clock ms since 1970 UTC
 */
export function endWithAccess(access: Access | undefined, reply: Reply, clock: () => number): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const { raw } = reply;
  const { token, expiresAt } = callerOf(reply.request.raw) ?? {};
  if (!access || !token || raw.closed) return signal;
  const end = () => {
    if (signal.aborted) return;
    controller.abort();
    setTimeout(() => raw.closed || raw.req.socket.destroy(), CLOSE_AFTER_MS).unref();
  };
  const endUnlessListed = () => access.isListed(token) || end();
  const stopListening = access.onChange(endUnlessListed);
  const timer = expiresAt === undefined ? undefined : setTimeout(end, expiresAt - clock()).unref();
  raw.once('close', () => {
    stopListening();
    clearTimeout(timer);
  });
  // The list may have changed since the request was checked.
  endUnlessListed();
  return signal;
}
