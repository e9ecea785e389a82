import type { IncomingMessage } from 'node:http';
import { SESSION_S } from '../../access/session.ts';

/** The cookie with the session. Scripts cannot read it. */
export const SESSION_COOKIE = 'landfall_session';
/** The cookie with the name of the token. It proves nothing: the dashboard reads it to offer the sign-out. */
const NAME_COOKIE = 'landfall_name';

/**
 * The values of `Set-Cookie` that begin a session.
 *
 * @param session value of the session cookie
 * @see RFC 6265, 4.1
 */
export function sessionCookies(request: IncomingMessage, name: string, session: string): string[] {
  const attributes = attributesOf(request, SESSION_S);
  return [`${SESSION_COOKIE}=${session}; HttpOnly${attributes}`, `${NAME_COOKIE}=${name}${attributes}`];
}

/** The values of `Set-Cookie` that end a session. */
export function expiredCookies(request: IncomingMessage): string[] {
  const attributes = attributesOf(request, 0);
  return [`${SESSION_COOKIE}=; HttpOnly${attributes}`, `${NAME_COOKIE}=${attributes}`];
}

const attributesOf = (request: IncomingMessage, maxAgeS: number): string =>
  `; Max-Age=${maxAgeS}; Path=/; SameSite=Strict${isHttps(request) ? '; Secure' : ''}`;

/**
 * Whether the client sent the request by https, to a proxy in front. The headers may be forged, but only by the client whose
 * cookie it is.
 */
function isHttps({ headers }: IncomingMessage): boolean {
  const protocol = headers['x-forwarded-proto'];
  return /^https\b/i.test(String(protocol ?? '')) || /^https:/i.test(headers.origin ?? '');
}
