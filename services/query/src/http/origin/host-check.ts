import type { IncomingMessage } from 'node:http';
import { ApiError } from '../../errors/api-error.ts';
import { truncate } from '../../errors/truncate.ts';
import { hasSeveralHosts, hostNameOf, isLoopbackName } from './host-names.ts';

/** Characters of a host name that an error shows. */
const MAX_SHOWN = 100;

/** Entry of `ALLOWED_HOSTS` for any name. */
export const ANY_HOST = '*';

/**
 * Refuses host names that this service does not have. Without it, a web site could let its own name resolve to the address of
 * this service: the browser would then take both for one origin (DNS rebinding).
 *
 * @param allowed names besides those of loopback, from `hostNameOf`; `undefined` allows all
 * @returns a function that checks a request. It returns misdirected, or bad_request when there is not exactly one `Host`
 */
export function openHostCheck(allowed: readonly string[] | undefined) {
  const names = new Set(allowed);
  const isOpen = allowed === undefined || names.has(ANY_HOST);
  let lastAllowed: string | undefined;

  function isAllowed(authority: string): boolean {
    // Nearly all requests name the same host.
    if (authority === lastAllowed) return true;
    const name = hostNameOf(authority);
    if (name === undefined || !(isLoopbackName(name) || names.has(name))) return false;
    lastAllowed = authority;
    return true;
  }

  return (request: IncomingMessage, authority: string | undefined): ApiError | undefined => {
    if (request.headers.host === undefined && request.httpVersionMinor === 1) {
      return new ApiError('bad_request', 'The header Host is missing.');
    }
    if (hasSeveralHosts(request)) return new ApiError('bad_request', 'There is more than one header Host.');
    if (isOpen || isAllowed(authority ?? '')) return undefined;
    const shown = JSON.stringify(truncate(authority ?? '', MAX_SHOWN));
    return new ApiError(
      'misdirected',
      `This service is not known as ${shown}. Its setting ALLOWED_HOSTS lists further host names.`,
    );
  };
}
