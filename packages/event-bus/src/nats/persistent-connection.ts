import { DebugEvents, Events, type Msg, type NatsConnection } from 'nats';
import { BusError, type Unsubscribe } from '../event-bus.ts';
import { callGuarded, type Report } from '../guard-listener.ts';
import { withBusTimeout } from '../with-bus-timeout.ts';
import { asBusError, connectWithRetry, type NatsAccess } from './nats-connection.ts';

/** Timeout of the last flush, and of closing, ms. */
const DRAIN_TIMEOUT_MS = 2_000;
/**
 * How long the client library may take to drop a stale connection, ms. It flushes first, which never ends on a full socket.
 */
const STALE_TIMEOUT_MS = 2_000;

export type PersistentConnection = ReturnType<typeof openPersistentConnection>;

/**
 * A connection to NATS with unlimited retries, also after the client library has closed it for good. Subscriptions survive
 * reconnections.
 *
 * @param onConnected called at every (re)connection
 */
export function openPersistentConnection(access: NatsAccess, onConnected: () => unknown, report: Report) {
  const closing = new AbortController();
  const subscribers = new Set<(connection: NatsConnection) => void>();
  let connection: NatsConnection | undefined;
  let connected = false;
  void maintain();

  async function maintain(): Promise<void> {
    while (!closing.signal.aborted) {
      const made = await connectWithRetry(access, closing.signal, (error) => report(error, 'connect'));
      if (made && closing.signal.aborted) made.close().catch((error) => report(error, 'connect'));
      if (!made || closing.signal.aborted) return;
      connection = made;
      for (const subscribe of subscribers) callGuarded(() => subscribe(made), report, 'subscribe');
      followStatus(made).catch((error) => report(error, 'status'));
      setConnected();
      const why = await made.closed();
      connected = false;
      if (!closing.signal.aborted)
        report(asBusError(why ?? 'the client library closed the connection'), 'connect');
    }
  }

  function setConnected(): void {
    connected = true;
    callGuarded(onConnected, report, 'connected');
  }

  async function followStatus(made: NatsConnection): Promise<void> {
    let staleTimer: NodeJS.Timeout | undefined;
    let refused = '';
    for await (const { type, permissionContext } of made.status()) {
      if (permissionContext) {
        const { operation, subject } = permissionContext;
        const what = `this user may not ${operation} ${subject}`;
        // A program may try again forever.
        if (what !== refused) report(asBusError(new Error(what)), subject);
        refused = what;
      }
      if (type === DebugEvents.StaleConnection) {
        connected = false;
        staleTimer ??= setTimeout(() => {
          made.close().catch((error) => report(error, 'connect'));
        }, STALE_TIMEOUT_MS).unref();
      }
      if (type === Events.Disconnect) {
        connected = false;
        clearTimeout(staleTimer);
        staleTimer = undefined;
      }
      if (type === Events.Reconnect) setConnected();
    }
    clearTimeout(staleTimer);
  }

  return {
    get connected() {
      return connected && !closing.signal.aborted;
    },

    /** @throws BusError unavailable */
    live(): NatsConnection {
      if (connection && connected && !closing.signal.aborted) return connection;
      throw new BusError('unavailable', 'not connected to NATS');
    },

    /** Subscribes now, or as soon as there is a connection. Errors of `onMessage` are reported. */
    subscribe(subject: string, onMessage: (message: Msg) => unknown): Unsubscribe {
      let stop = (): void => undefined;
      const subscribe = (to: NatsConnection) => {
        const subscription = to.subscribe(subject, {
          callback: (error, message) => {
            if (error) report(error, subject);
            else callGuarded(() => onMessage(message), report, message.subject);
          },
        });
        stop = () => {
          if (!to.isClosed()) subscription.unsubscribe();
        };
      };
      subscribers.add(subscribe);
      const now = connection;
      if (now && !now.isClosed()) callGuarded(() => subscribe(now), report, subject);
      return () => {
        subscribers.delete(subscribe);
        stop();
      };
    },

    /** Flushes and disconnects. Resolves within 4 s in any case. */
    async close(): Promise<void> {
      const wasConnected = connected;
      closing.abort();
      if (!connection || connection.isClosed()) return;
      const reportError = (error: unknown) => report(error, 'close');
      if (wasConnected)
        await withBusTimeout(DRAIN_TIMEOUT_MS, connection.drain(), 'closing').catch(reportError);
      if (!connection.isClosed()) {
        await withBusTimeout(DRAIN_TIMEOUT_MS, connection.close(), 'closing').catch(reportError);
      }
    },
  };
}
