import type { IncomingMessage } from 'node:http';
import { SESSION_S } from '../../access/session.ts';
import type { Token } from '../../access/token.ts';
import { forwardedScheme } from '../client/forwarded.ts';
import type { TrustedProxies } from '../client/trusted-proxies.ts';

/** The cookie with the session. Scripts cannot read it. */
export const SESSION_COOKIE = 'landfall_session';
/** The cookie with the name of the token. It proves nothing: the dashboard reads it to offer the sign-out. */
const NAME_COOKIE = 'landfall_name';
/** The cookie with the scope of the token. It grants nothing: the dashboard reads it to disable what would be refused. */
const SCOPE_COOKIE = 'landfall_scope';

/**
 * The values of `Set-Cookie` that begin a session.
 *
 * @param session value of the session cookie
 * @see RFC 6265, 4.1
 */
export function sessionCookies(
  request: IncomingMessage,
  trusted: TrustedProxies,
  { name, scope }: Pick<Token, 'name' | 'scope'>,
  session: string,
): string[] {
  const attributes = attributesOf(request, trusted, SESSION_S);
  return [
    `${SESSION_COOKIE}=${session}; HttpOnly${attributes}`,
    `${NAME_COOKIE}=${name}${attributes}`,
    `${SCOPE_COOKIE}=${scope}${attributes}`,
  ];
}

/** The values of `Set-Cookie` that end a session. */
export function expiredCookies(request: IncomingMessage, trusted: TrustedProxies): string[] {
  const attributes = attributesOf(request, trusted, 0);
  return [
    `${SESSION_COOKIE}=; HttpOnly${attributes}`,
    `${NAME_COOKIE}=${attributes}`,
    `${SCOPE_COOKIE}=${attributes}`,
  ];
}

const attributesOf = (request: IncomingMessage, trusted: TrustedProxies, maxAgeS: number): string =>
  `; Max-Age=${maxAgeS}; Path=/; SameSite=Strict${isHttps(request, trusted) ? '; Secure' : ''}`;

/** Whether the client sent the request by https, to a proxy in front: the proxy says so, or the browser, which knows the page. */
const isHttps = (request: IncomingMessage, trusted: TrustedProxies): boolean =>
  forwardedScheme(request, trusted) === 'https' || /^https:/i.test(request.headers.origin ?? '');
