import { setTimeout as sleep } from 'node:timers/promises';
import { connect, ErrorCode, type NatsConnection, NatsError } from 'nats';
import { BusError } from '../event-bus.ts';

/** The address of the NATS server and the credentials. */
export interface NatsAccess {
  /** `nats://host:port`, without user and password; several separated by commas. */
  url: string;
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
  let lastFailure = '';
  while (!signal.aborted) {
    try {
      // Not the client's `waitOnFirstConnect`: it cannot be aborted.
      return await connect({
        servers: access.url.split(',').map((server) => server.trim()),
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
  const message = error instanceof Error ? error.message : String(error);
  if (code === ErrorCode.Timeout) return new BusError('timeout', `NATS: ${message}`, { cause: error });
  if (code === ErrorCode.NoResponders) return new BusError('no_responders', message, { cause: error });
  return new BusError('unavailable', `NATS: ${message}`, { cause: error });
}
