import { isIPv4, isIPv6 } from 'node:net';

/** An IP address, without port and zone. */
export interface IpAddress {
  family: 'ipv4' | 'ipv6';
  text: string;
}

const BRACKETED = /^\[([^\]]*)\](?::\d+)?$/;
const IPV4_WITH_PORT = /^([\d.]+):\d+$/;

/**
 * Parses an IP address. Some proxies add a port: `192.0.2.1:443`, `[2001:db8::1]:443`. An IPv4-mapped IPv6 address is the IPv4
 * address in it.
 *
 * @returns undefined when the text is no address
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  const bare = BRACKETED.exec(text)?.[1] ?? IPV4_WITH_PORT.exec(text)?.[1] ?? text;
  if (isIPv4(bare)) return { family: 'ipv4', text: bare };
  if (!isIPv6(bare)) return undefined;
  const [address = ''] = bare.split('%', 1);
  const groups = ipv6Groups(address);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!isMapped) return { family: 'ipv6', text: address };
  const [high = 0, low = 0] = groups.slice(6);
  return { family: 'ipv4', text: [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.') };
}

/** The /64 network of an IPv6 address, as `2001:db8:0:1::/64`. A site has at least one, and can use any address in it. */
export const ipv6Network = (address: string): string =>
  `${ipv6Groups(address)
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;

/** The eight 16-bit groups of a valid IPv6 address. */
function ipv6Groups(address: string): number[] {
  const [first = [], last = []] = address.split('::').map(groupsOfPart);
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}

function groupsOfPart(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return Number.parseInt(group, 16);
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
