import { setTimeout as sleep } from 'node:timers/promises';
import { connect, ErrorCode, type NatsConnection, NatsError } from 'nats';
import { BusError } from '../event-bus.ts';

/** Where the NATS server is and who asks. */
export interface NatsAccess {
  /** `nats://host:port`, without user and password; several separated by commas. */
  url: string;
  user?: string | undefined;
  password?: string | undefined;
  /** In place of user and password. */
  token?: string | undefined;
  /** How this client is shown in the server's monitoring. */
  name: string;
  /** Between two pings, ms; only tests need another than `PING_EVERY_MS`. */
  pingEveryMs?: number;
}

/** Between two attempts to connect, ms. */
const RECONNECT_WAIT_MS = 500;
/** A server that accepts a connection and says nothing is given up after this, ms. */
const CONNECT_WITHIN_MS = 5_000;
/**
 * Between two pings, ms. A connection is dead at the third ping with no answer to two: a server that vanished without
 * closing the connection is noticed within 30 s. With one unanswered ping a blocked event loop would count as death.
 */
const PING_EVERY_MS = 10_000;
const MAX_PINGS_OUT = 2;

/**
 * Connects, for as long as it takes; the connection then comes back by itself whenever it is lost.
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
      // Not the client's own `waitOnFirstConnect`: nothing can call that off.
      return await connect({
        servers: access.url.split(',').map((server) => server.trim()),
        ...(access.user === undefined ? {} : { user: access.user }),
        ...(access.password === undefined ? {} : { pass: access.password }),
        ...(access.token === undefined ? {} : { token: access.token }),
        name: access.name,
        timeout: CONNECT_WITHIN_MS,
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

/** Translates an error of the client. */
export function asBusError(error: unknown): BusError {
  if (error instanceof BusError) return error;
  const code = error instanceof NatsError ? error.code : '';
  const message = error instanceof Error ? error.message : String(error);
  if (code === ErrorCode.Timeout) return new BusError('timeout', `NATS: ${message}`, { cause: error });
  if (code === ErrorCode.NoResponders) return new BusError('no_responders', message, { cause: error });
  return new BusError('unavailable', `NATS: ${message}`, { cause: error });
}
