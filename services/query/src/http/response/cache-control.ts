import { callerOf } from '../../access/caller.ts';
import type { Reply } from '../fastify-scope.ts';

/** With tokens, a shared cache must not store answers (RFC 9111, 5.2.2.7). */
export const PRIVATE = 'private, no-cache';

/** `Cache-Control` of an answer that a client may store and must revalidate before each use. */
export const cacheControl = (reply: Reply): string =>
  callerOf(reply.request.raw) === undefined ? 'no-cache' : PRIVATE;
