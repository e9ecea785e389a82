import type { IncomingMessage } from 'node:http';
import { ApiError } from '../../errors/api-error.ts';
import { truncate } from '../../errors/truncate.ts';
import { forwardedScheme } from '../client/forwarded.ts';
import type { TrustedProxies } from '../client/trusted-proxies.ts';
import { parseOrigin } from './origin-name.ts';

/** Characters of an origin that an error shows. */
const MAX_SHOWN = 100;

/**
 * Refuses requests that change something and that a page of another site makes a browser send. A client that sends neither
 * `Sec-Fetch-Site` nor `Origin` is no browser, and passes.
 *
 * @param corsOrigins origins that may send them, when the browser does not say that they are another site
 * @returns a function that checks a request. It returns cross_site
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function openCrossSiteCheck(corsOrigins: readonly string[], trusted: TrustedProxies) {
  const listed = new Set(corsOrigins);

  return (request: IncomingMessage, authority: string | undefined): ApiError | undefined => {
    if (isSafe(request.method)) return undefined;
    const { 'sec-fetch-site': site, origin } = request.headers;
    if (isForeign(site)) {
      return new ApiError('cross_site', 'A page of another origin can’t send this request.');
    }
    if (origin === undefined) return undefined;
    const name = parseOrigin(origin);
    if (name !== undefined && (listed.has(name) || isOwn(name, request, authority))) return undefined;
    const shown = JSON.stringify(truncate(origin, MAX_SHOWN));
    return new ApiError(
      'cross_site',
      `The origin ${shown} is not that of this service, and pages of other sites must not send this request.`,
    );
  };

  /** Whether an origin is the one that the request was sent to. */
  function isOwn(name: string, request: IncomingMessage, authority: string | undefined): boolean {
    const { protocol, host } = new URL(name);
    // The default port may be written or not.
    if (authority === undefined || URL.parse(`${protocol}//${authority}`)?.host !== host) return false;
    // The browser compared the schemes. Only it knows that a proxy in front of this service has TLS.
    if (request.headers['sec-fetch-site'] === 'same-origin') return true;
    return protocol === `${forwardedScheme(request, trusted) ?? 'http'}:`;
  }
}

/** Methods that change nothing (RFC 9110, 9.2.1). */
const isSafe = (method: string | undefined): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE';

/** Node joins the values of a header that was sent several times. */
function isForeign(site: string | string[] | undefined): boolean {
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  const values = [site].flat().join(',').toLowerCase().split(',');
  return values.some((value) => ['cross-site', 'same-site'].includes(value.trim()));
}
