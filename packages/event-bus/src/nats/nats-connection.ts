import { setTimeout as sleep } from 'node:timers/promises';
import { certificateFault } from '@landfall/process/certificate-fault';
import { connect, ErrorCode, type NatsConnection, NatsError } from 'nats';
import { BusError } from '../event-bus.ts';
import { natsTls } from './tls-options.ts';

/** The address of the NATS server and the credentials. */
export interface NatsAccess {
  /**
   * `nats://host:port` or `tls://host:port`, without user and password; several separated by commas. With one `tls://`, TLS is
   * required of all of them; otherwise it is used where the server offers or requires it.
   */
  url: string;
  /** The certificates of the authorities to trust, PEM; default: those of Node.js. */
  ca?: string[] | undefined;
  user?: string | undefined;
  password?: string | undefined;
  /** Instead of user and password. */
  token?: string | undefined;
  /** The name of this client in the server's monitoring. */
  name: string;
  /**
   * The first tokens of the subjects on which this client receives replies; default: `_INBOX`. With one per user, a server can
   * keep users from reading the replies to others.
   */
  inboxPrefix?: string;
  /** Time between two pings, ms; only tests change it. */
  pingEveryMs?: number;
}

/** Time between two attempts to connect, ms. */
const RECONNECT_WAIT_MS = 500;
/** Timeout of one attempt to connect, ms: a server may accept a connection and send nothing. */
const CONNECT_TIMEOUT_MS = 5_000;
/**
 * Time between two pings, ms. A connection is stale when two pings are unanswered: a server that vanished without closing the
 * connection is detected within 30 s. With a limit of one ping, a blocked event loop would make it stale.
 */
const PING_EVERY_MS = 10_000;
const MAX_PINGS_OUT = 2;

/**
 * Connects with unlimited retries. The client library reconnects a lost connection by itself.
 *
 * @param onFailure called with each failure that differs from the last
 * @returns undefined when `signal` was aborted before there was a connection
 */
export async function connectWithRetry(
  access: NatsAccess,
  signal: AbortSignal,
  onFailure: (error: BusError) => void,
): Promise<NatsConnection | undefined> {
  const servers = access.url.split(',').map((server) => server.trim());
  const requiresTls = servers.some((server) => server.startsWith('tls://'));
  const tls = natsTls(servers, access.ca);
  // With this option, the client library requires TLS of the server.
  let usesTls = requiresTls || access.ca !== undefined;
  let lastFailure = '';
  while (!signal.aborted) {
    try {
      // Not the client's `waitOnFirstConnect`: it cannot be aborted.
      return await connect({
        servers,
        ...(usesTls ? { tls } : {}),
        ...(access.user === undefined ? {} : { user: access.user }),
        ...(access.password === undefined ? {} : { pass: access.password }),
        ...(access.token === undefined ? {} : { token: access.token }),
        ...(access.inboxPrefix === undefined ? {} : { inboxPrefix: access.inboxPrefix }),
        name: access.name,
        timeout: CONNECT_TIMEOUT_MS,
        pingInterval: access.pingEveryMs ?? PING_EVERY_MS,
        maxPingOut: MAX_PINGS_OUT,
        maxReconnectAttempts: -1,
        reconnectTimeWait: RECONNECT_WAIT_MS,
      });
    } catch (error) {
      const hasNoTls = error instanceof NatsError && error.code === ErrorCode.ServerOptionNotAvailable;
      if (usesTls && hasNoTls && !requiresTls) {
        usesTls = false;
        continue;
      }
      usesTls = requiresTls || access.ca !== undefined;
      const failure = asBusError(error);
      if (failure.message !== lastFailure) onFailure(failure);
      lastFailure = failure.message;
      await sleep(RECONNECT_WAIT_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

/** Translates an error of the client library. */
export function asBusError(error: unknown): BusError {
  if (error instanceof BusError) return error;
  const code = error instanceof NatsError ? error.code : '';
  const message = messageOf(error);
  if (code === ErrorCode.Timeout) return new BusError('timeout', `NATS: ${message}`, { cause: error });
  if (code === ErrorCode.NoResponders) return new BusError('no_responders', message, { cause: error });
  return new BusError('unavailable', `NATS: ${message}`, { cause: error });
}

function messageOf(error: unknown): string {
  if (
    error instanceof NatsError &&
    error.code === ErrorCode.ServerOptionNotAvailable &&
    error.message === 'tls'
  )
    return 'the server has no TLS, which the scheme tls:// of NATS_URL requires';
  const cause = error instanceof NatsError ? (error.chainedError ?? error) : error;
  return certificateFault(cause) ?? (error instanceof Error ? error.message : String(error));
}
