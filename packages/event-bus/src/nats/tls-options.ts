import net from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/** How the client library uses TLS. It passes these options on to `tls.connect`. */
export interface NatsTls {
  ca?: string;
  checkServerIdentity: typeof checkServerIdentity;
}

/**
 * Returns the TLS options for a list of servers. For a server that is named by its IP address, the client library would check the
 * certificate against `localhost`; here it must be for one of the listed addresses.
 *
 * @param ca certificates of the authorities to trust, PEM; default: those of Node.js
 */
export function natsTls(servers: readonly string[], ca: readonly string[] | undefined): NatsTls {
  const hosts = servers.map((server) => new URL(server).hostname.replace(/^\[(.*)\]$/, '$1'));
  const addresses = hosts.filter((host) => net.isIP(host) !== 0);
  const isNamed = hosts.includes('localhost');
  return {
    ...(ca && { ca: ca.join('\n') }),
    checkServerIdentity(host, certificate: PeerCertificate) {
      if (host !== 'localhost' || addresses.length === 0) return checkServerIdentity(host, certificate);
      const names = isNamed ? [...addresses, host] : addresses;
      const faults = names.map((name) => checkServerIdentity(name, certificate));
      return faults.includes(undefined) ? undefined : faults[0];
    },
  };
}
