import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

const SLASH = 47;
/** The target of a request in absolute form. */
const ABSOLUTE = /^https?:\/\/([^/?#]*)/i;
/** A host with an optional port. No user, path or escape, which a URL parser would accept. */
const AUTHORITY = /^[^\s/\\?#@%*]+$/;

/**
 * The host and port that a request names: in its target, or else in the header `Host`.
 *
 * @see RFC 9112, 3.2.2: with a target in absolute form, `Host` does not count
 */
export function authorityOf({ url = '', headers }: IncomingMessage): string | undefined {
  if (url.charCodeAt(0) === SLASH) return headers.host;
  return ABSOLUTE.exec(url)?.[1] ?? headers.host;
}

/**
 * The name of a host as browsers write it: in lower case, without port and final dot, IPv6 in brackets.
 *
 * @returns undefined when it is no host
 */
export function hostNameOf(authority: string): string | undefined {
  if (!AUTHORITY.test(authority)) return undefined;
  const name = URL.parse(`http://${authority}`)?.hostname.replace(/\.$/, '');
  return name === '' ? undefined : name;
}

/** Whether a name, from `hostNameOf`, always means the machine itself. */
export const isLoopbackName = (name: string): boolean =>
  name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name);

/** Whether an address to listen on is reachable from the machine itself only. */
export function isLoopbackAddress(address: string): boolean {
  const name = hostNameOf(isIPv6(address) ? `[${address}]` : address);
  return name !== undefined && isLoopbackName(name);
}

/** Whether a request has more than one header `Host`. Node shows the first. */
export function hasSeveralHosts({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts > 1;
}
