import type { IncomingMessage } from 'node:http';
import { includesScope, type TokenScope } from './scopes.ts';
import type { Token } from './token.ts';

/** Who sent a request, when tokens are configured. */
export interface Caller {
  /** Undefined for an anonymous caller. */
  token: Token | undefined;
  /** What the caller may do; undefined: only what is always open. */
  scope: TokenScope | undefined;
  /** When the session of a browser ends, ms since 1970 UTC; undefined for a token in a header. */
  expiresAt?: number;
}

const CALLER = Symbol('caller');
interface KnownRequest extends IncomingMessage {
  [CALLER]?: Caller;
}

/** Notes who sent a request. */
export function setCaller(request: KnownRequest, caller: Caller): void {
  request[CALLER] = caller;
}

/** Who sent a request; undefined when no tokens are configured. */
export const callerOf = (request: KnownRequest): Caller | undefined => request[CALLER];

/** Whether the sender of a request has a scope. Everybody has all scopes when no tokens are configured. */
export function hasScope(request: IncomingMessage, needed: TokenScope): boolean {
  const caller = callerOf(request);
  return caller === undefined || (caller.scope !== undefined && includesScope(caller.scope, needed));
}
