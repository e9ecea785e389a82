import type { IncomingHttpHeaders } from 'node:http';
import type { Access } from '../../access/access.ts';
import type { Caller } from '../../access/caller.ts';
import { SESSION_COOKIE } from './cookies.ts';

/** RFC 6750, 2.1; the scheme in any case (RFC 9110, 11.1). */
const BEARER = /^bearer(?: +|$)(.*)$/i;
const COOKIES = new RegExp(`(?<=^|; *)${SESSION_COOKIE}=([^;]*)`, 'g');
/** Cookies with the session's name that are verified: a browser sends one per path and domain that has set it. */
const MAX_COOKIES = 4;

/**
 * Finds out who sent a request. A Bearer token counts before a cookie. Other schemes are ignored, since a proxy may pass its own
 * credentials on, and so is a cookie that is not valid any more, also beside one that is.
 *
 * @returns `invalid` for a Bearer token that is not listed
 */
export function identify(access: Access, headers: IncomingHttpHeaders): Caller | 'invalid' {
  const bearer = BEARER.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) {
    const token = access.findToken(bearer.trim());
    return token ? { token, scope: token.scope } : 'invalid';
  }
  for (const [, cookie = ''] of (headers.cookie ?? '').matchAll(COOKIES).take(MAX_COOKIES)) {
    const session = access.findSession(cookie);
    if (session) return { token: session.token, scope: session.token.scope, expiresAt: session.expiresAt };
  }
  return { token: undefined, scope: access.isReadPublic ? 'read' : undefined };
}
