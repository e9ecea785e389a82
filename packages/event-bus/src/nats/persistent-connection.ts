import { DebugEvents, Events, type Msg, type NatsConnection } from 'nats';
import { BusError, type Unsubscribe } from '../event-bus.ts';
import { callGuarded, type Report } from '../guard-listener.ts';
import { withBusTimeout } from '../with-bus-timeout.ts';
import { asBusError, connectWithRetry, type NatsAccess } from './nats-connection.ts';

/** What is still to be sent at the end is sent within this, ms. */
const DRAIN_WITHIN_MS = 2_000;
/** The client flushes before it gives a dead connection up, which a full socket holds up for ever. Ms. */
const GIVE_UP_AFTER_MS = 2_000;

export type PersistentConnection = ReturnType<typeof openPersistentConnection>;

/**
 * A connection to NATS that is made for as long as it takes, and made again when the client gives it up for good.
 * Subscriptions stay over both.
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
      begin();
      const why = await made.closed();
      connected = false;
      if (!closing.signal.aborted) report(asBusError(why ?? 'the connection was given up'), 'connect');
    }
  }

  function begin(): void {
    connected = true;
    callGuarded(onConnected, report, 'connected');
  }

  async function followStatus(made: NatsConnection): Promise<void> {
    let giveUp: NodeJS.Timeout | undefined;
    for await (const { type } of made.status()) {
      if (type === DebugEvents.StaleConnection) {
        connected = false;
        giveUp ??= setTimeout(() => {
          made.close().catch((error) => report(error, 'connect'));
        }, GIVE_UP_AFTER_MS).unref();
      }
      if (type === Events.Disconnect) {
        connected = false;
        clearTimeout(giveUp);
        giveUp = undefined;
      }
      if (type === Events.Reconnect) begin();
    }
    clearTimeout(giveUp);
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

    /** Subscribes now, or as soon as there is a connection. What `onMessage` throws is reported. */
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

    /** Sends what is under way, and leaves; within 4 s, whatever the server does. */
    async close(): Promise<void> {
      const wasConnected = connected;
      closing.abort();
      if (!connection || connection.isClosed()) return;
      const quietly = (error: unknown) => report(error, 'close');
      if (wasConnected) await withBusTimeout(DRAIN_WITHIN_MS, connection.drain(), 'closing').catch(quietly);
      if (!connection.isClosed()) {
        await withBusTimeout(DRAIN_WITHIN_MS, connection.close(), 'closing').catch(quietly);
      }
    },
  };
}
