import type { IncomingHttpHeaders } from 'node:http';
import { type IpAddress, parseIpAddress } from './ip-address.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/** The part of a request that says where it comes from. */
export interface ReceivedRequest {
  headers: IncomingHttpHeaders;
  socket: { remoteAddress?: string | undefined };
}

/**
 * The address that a request comes from: the peer, or the right-most address in `X-Forwarded-For` that is no trusted proxy.
 * Each proxy appends the address of its peer, so that all to the left of that address is only a claim.
 *
 * @returns undefined when the peer has disconnected
 */
export function clientAddress(
  { headers, socket }: ReceivedRequest,
  trusted: TrustedProxies,
): IpAddress | undefined {
  const peer = parseIpAddress(socket.remoteAddress ?? '');
  if (!peer || !trusted.has(peer)) return peer;
  const list = joined(headers['x-forwarded-for']);
  let client = peer;
  // Without an array: a client can send 64 KiB of commas.
  for (let end = list.length; end > 0; ) {
    const comma = list.lastIndexOf(',', end - 1);
    const entry = list.slice(comma + 1, end).trim();
    end = comma;
    if (entry === '') continue;
    const address = parseIpAddress(entry);
    // Not an address: the last known one is the proxy that wrote this.
    if (!address) return client;
    client = address;
    if (!trusted.has(address)) return client;
  }
  return client;
}

/**
 * The scheme that the client used, from `X-Forwarded-Proto` of a trusted proxy.
 *
 * @returns undefined when there is no such proxy or header
 */
export function forwardedScheme(
  { headers, socket }: ReceivedRequest,
  trusted: TrustedProxies,
): 'http' | 'https' | undefined {
  const list = joined(headers['x-forwarded-proto']);
  if (list === '') return undefined;
  const peer = parseIpAddress(socket.remoteAddress ?? '');
  if (!peer || !trusted.has(peer)) return undefined;
  const scheme = list
    .slice(list.lastIndexOf(',') + 1)
    .trim()
    .toLowerCase();
  return scheme === 'http' || scheme === 'https' ? scheme : undefined;
}

/** A header that was sent several times is one list (RFC 9110, 5.3). */
const joined = (value: string | string[] | undefined): string => [value ?? ''].flat().join(',');
