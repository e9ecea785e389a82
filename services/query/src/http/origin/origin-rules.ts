import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiError } from '../../errors/api-error.ts';
import { NO_PROXIES, type TrustedProxies } from '../client/trusted-proxies.ts';
import { isPreflight, replyToPreflight } from './cors.ts';
import { openCrossSiteCheck } from './cross-site.ts';
import { openHostCheck } from './host-check.ts';
import { authorityOf, isLoopbackAddress } from './host-names.ts';
import { secureResponse } from './secure-response.ts';

/** Under which names the service is reachable, and which other origins may use it. */
export interface OriginOptions {
  /** Further host names, from `hostNameOf`, or `*`. */
  allowedHosts?: readonly string[];
  /** Where a container's port is published. */
  bindAddress?: string | undefined;
  /** Origins, from `parseOrigin`, whose pages may read answers. */
  corsOrigins?: readonly string[];
  trustedProxies?: TrustedProxies;
}

export type OriginRules = ReturnType<typeof openOriginRules>;

/**
 * The rules of a server for host names and origins.
 *
 * @param host the address that the service listens on. Without `allowedHosts`, names are checked only when this address or
 * `bindAddress` is loopback: elsewhere, the names of the service are unknown
 */
export function openOriginRules(host: string, options: OriginOptions = {}) {
  const { allowedHosts = [], bindAddress, corsOrigins = [], trustedProxies = NO_PROXIES } = options;
  const isLoopback = isLoopbackAddress(host) || isLoopbackAddress(bindAddress ?? '');
  const checkHost = openHostCheck(isLoopback || allowedHosts.length > 0 ? allowedHosts : undefined);
  const checkSite = openCrossSiteCheck(corsOrigins, trustedProxies);
  const listed = new Set(corsOrigins);
  const responses: number[] = [];

  return {
    /** The proxies whose `X-Forwarded-*` headers count. */
    trustedProxies,

    /** The class of all responses of the server. */
    Response: secureResponse(corsOrigins, responses),
    /** The number of responses, at the index of their status. */
    responses,

    /** @returns why a request is refused: bad_request, misdirected, cross_site */
    refusalOf(request: IncomingMessage): ApiError | undefined {
      const authority = authorityOf(request);
      return checkHost(request, authority) ?? checkSite(request, authority);
    },

    /** Answers the preflight of a listed origin. @returns whether it was one */
    answerPreflight(request: IncomingMessage, response: ServerResponse): boolean {
      if (!isPreflight(request) || !listed.has(request.headers.origin ?? '')) return false;
      replyToPreflight(response);
      return true;
    },
  };
}
