import { clientAddress, type ReceivedRequest } from './forwarded.ts';
import { type IpAddress, ipv6Network, parseIpAddress } from './ip-address.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/** Who sends requests, as limits count it: a token, or an address. IPv6 addresses count by their /64 network. */
export interface Client {
  kind: 'token' | 'address';
  /** Name of the token, the IPv4 address, or the IPv6 network. */
  name: string;
}

/** The address of a client that has disconnected. */
const DISCONNECTED = 'disconnected';

/**
 * @param trusted the proxies whose `X-Forwarded-For` counts
 * @param token name of the valid token that the request has
 */
export function clientOf(request: ReceivedRequest, trusted: TrustedProxies, token?: string): Client {
  if (token !== undefined) return { kind: 'token', name: token };
  return clientAt(clientAddress(request, trusted));
}

/**
 * The client of a connection, before it has sent a request.
 *
 * @returns undefined for a trusted proxy: its connections carry requests of many clients
 */
export function peerClientOf(
  { remoteAddress }: ReceivedRequest['socket'],
  trusted: TrustedProxies,
): Client | undefined {
  const peer = parseIpAddress(remoteAddress ?? '');
  return peer && trusted.has(peer) ? undefined : clientAt(peer);
}

function clientAt(address: IpAddress | undefined): Client {
  if (!address) return { kind: 'address', name: DISCONNECTED };
  return {
    kind: 'address',
    name: address.family === 'ipv6' ? ipv6Network(address.text) : address.text,
  };
}
