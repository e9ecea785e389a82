import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { type IpAddress, parseIpAddress } from './ip-address.ts';

/** The proxies whose `X-Forwarded-*` headers count. */
export interface TrustedProxies {
  has: (address: IpAddress) => boolean;
}

export const NO_PROXIES: TrustedProxies = { has: () => false };

/**
 * @param entries addresses and networks in CIDR notation: `10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`
 * @returns undefined when an entry is neither
 */
export function parseTrustedProxies(entries: readonly string[]): TrustedProxies | undefined {
  if (entries.length === 0) return NO_PROXIES;
  const networks = new BlockList();
  if (!entries.every((entry) => addEntry(networks, entry))) return undefined;
  return { has: ({ text, family }) => networks.check(text, family) };
}

function addEntry(networks: BlockList, entry: string): boolean {
  const [address = '', prefix, ...rest] = entry.split('/');
  if (rest.length > 0 || !(isIPv4(address) || isIPv6(address)) || address.includes('%')) return false;
  if (prefix === undefined) {
    const parsed = parseIpAddress(address);
    if (parsed) networks.addAddress(parsed.text, parsed.family);
    return parsed !== undefined;
  }
  const bits = isIPv4(address) ? 32 : 128;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) return false;
  networks.addSubnet(address, Number(prefix), bits === 32 ? 'ipv4' : 'ipv6');
  return true;
}
