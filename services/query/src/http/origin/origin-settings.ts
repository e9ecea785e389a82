import { isIP } from 'node:net';
import { type Static, Type } from 'typebox';
import { NO_PROXIES, parseTrustedProxies } from '../client/trusted-proxies.ts';
import { ANY_HOST } from './host-check.ts';
import { hostNameOf } from './host-names.ts';
import { parseOrigin } from './origin-name.ts';
import type { OriginOptions } from './origin-rules.ts';

/** The entries of a list that is separated by commas. */
const entriesOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

const list = (description: string, isEntry: (entry: string) => boolean) =>
  Type.Optional(
    Type.Refine(Type.String({ description }), (text: string) =>
      entriesOf(text).every((entry) => isEntry(entry)),
    ),
  );

/** A host name without a port. An IPv6 address may be in brackets or not. */
function parseHostEntry(entry: string): string | undefined {
  if (entry === ANY_HOST) return entry;
  if (isIP(entry) === 6) return hostNameOf(`[${entry}]`);
  return /:\d*$/.test(entry.replace(/^\[.*\]/, '')) ? undefined : hostNameOf(entry);
}

/** The settings of host names and origins. */
export const originSettings = {
  ALLOWED_HOSTS: list(
    'host names or addresses of this service, without ports, separated by commas; * for any',
    (entry) => parseHostEntry(entry) !== undefined,
  ),
  CORS_ORIGINS: list(
    'origins, as https://example.org:8443, separated by commas',
    (entry) => parseOrigin(entry) !== undefined,
  ),
  TRUSTED_PROXIES: list(
    'addresses or networks of proxies, as 10.0.0.0/8, separated by commas',
    (entry) => parseTrustedProxies([entry]) !== undefined,
  ),
};

/** The setting of where a container's port is published. */
export const bindSettings = {
  BIND_ADDRESS: Type.Optional(
    Type.Refine(
      Type.String({ description: 'an IP address, or localhost' }),
      (text: string) => text === 'localhost' || isIP(text) !== 0,
    ),
  ),
};

const Settings = Type.Object({ ...originSettings, ...bindSettings });

/** The options of checked settings. */
export const originOptions = (settings: Static<typeof Settings>): OriginOptions => ({
  allowedHosts: entriesOf(settings.ALLOWED_HOSTS).flatMap((entry) => parseHostEntry(entry) ?? []),
  corsOrigins: entriesOf(settings.CORS_ORIGINS).flatMap((entry) => parseOrigin(entry) ?? []),
  trustedProxies: parseTrustedProxies(entriesOf(settings.TRUSTED_PROXIES)) ?? NO_PROXIES,
  bindAddress: settings.BIND_ADDRESS,
});
