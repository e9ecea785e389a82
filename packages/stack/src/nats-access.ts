import type { NatsAccess } from '@landfall/event-bus/nats/nats-connection';
import { SettingsError } from '@landfall/process/settings';

/** The settings of NATS. */
export interface NatsSettings {
  NATS_URL: string;
  NATS_USER?: string | undefined;
  NATS_PASSWORD?: string | undefined;
}

type Credentials = Pick<NatsAccess, 'user' | 'password' | 'token'>;

/**
 * Reads the address and the credentials of NATS. User and password come from NATS_URL or from NATS_USER and NATS_PASSWORD. The
 * user of a URL without a password is a token, as in NATS's own tools.
 *
 * @throws SettingsError when NATS_URL is invalid, or the settings contradict each other; it contains no secret
 */
export function natsAccess(settings: NatsSettings): Omit<NatsAccess, 'name'> {
  const faults: string[] = [];
  const servers = settings.NATS_URL.split(',').map((server) => readServer(server.trim()));
  if (servers.includes(undefined)) {
    faults.push(
      "NATS_URL can't be used: it is one or several of nats://host:port or tls://host:port, separated by commas",
    );
  }
  const inUrl = servers.flatMap((server) => server?.credentials ?? []);
  const [credentials] = inUrl;
  if (inUrl.some((other) => !isSame(other, credentials))) {
    faults.push("NATS_URL can't be used: its servers have different users or passwords");
  }
  const { NATS_USER: user, NATS_PASSWORD: password } = settings;
  if (credentials && user !== undefined && user !== credentials.user) {
    faults.push('NATS_USER contradicts the user in NATS_URL: set one of the two');
  }
  if (credentials && password !== undefined && password !== credentials.password) {
    faults.push('NATS_PASSWORD contradicts the password in NATS_URL: set one of the two');
  }
  if (faults.length > 0) throw new SettingsError(faults);
  const url = servers.flatMap((server) => server?.url ?? []).join(',');
  return { url, ...(credentials ?? { user, password }) };
}

/** @returns undefined when the text is not the URL of a server */
function readServer(text: string): { url: string; credentials: Credentials | undefined } | undefined {
  try {
    const url = new URL(text.includes('://') ? text : `nats://${text}`);
    if (!/^(?:nats|tls):$/.test(url.protocol) || url.hostname === '' || !/^\/?$/.test(url.pathname))
      return undefined;
    if (url.search !== '' || url.hash !== '') return undefined;
    const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    const credentials = password !== '' ? { user, password } : user !== '' ? { token: user } : undefined;
    return { url: `${url.protocol}//${url.host}`, credentials };
  } catch {
    return undefined;
  }
}

function isSame(a: Credentials, b: Credentials | undefined): boolean {
  return a.user === b?.user && a.password === b?.password && a.token === b?.token;
}
