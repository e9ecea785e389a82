import {
  DeliverPolicy,
  ErrorCode,
  Events,
  JSONCodec,
  type JsMsg,
  type Msg,
  type NatsConnection,
  NatsError,
  nanos,
  RetentionPolicy,
} from 'nats';
import { asError } from './as-error.ts';
import {
  BusError,
  type BusSettings,
  type EventBus,
  type StreamSettings,
  type Unsubscribe,
} from './event-bus.ts';
import { asBusError, connectForAsLongAsItTakes, type NatsAccess } from './nats-connection.ts';
import { consumeQueue, type QueueConsumer } from './nats-queue.ts';

/** For the server's answer to what is kept or read back, ms. */
const ANSWER_MS = 5_000;
/** How long a stream knows the ids of the messages it has, ms. */
const DUPLICATE_WINDOW_MS = 120_000;

/**
 * An event bus on NATS with JetStream. It is there at once and connects by itself, for as long as it takes;
 * subscriptions made before are set up then. Streams are made at every connection, and again when a message is
 * not kept because its stream is gone (JetStream's data was wiped).
 */
export function natsBus(access: NatsAccess, { streams, onError }: BusSettings): EventBus {
  const json = JSONCodec<unknown>();
  const listeners: (() => void)[] = [];
  const consumers = new Set<QueueConsumer>();
  let connection: NatsConnection | undefined;
  let connected = false;
  const closing = new AbortController();
  const connecting = connectForAsLongAsItTakes(access, closing.signal, (error) => onError(error, 'connect'));
  connecting.then(async (made) => {
    connection = made;
    if (!made) return;
    followStatus(made).catch((error) => onError(error, 'status'));
    await ready();
  });

  async function followStatus(made: NatsConnection): Promise<void> {
    for await (const status of made.status()) {
      if (status.type === Events.Disconnect) connected = false;
      if (status.type === Events.Reconnect) await ready();
    }
  }

  async function ready(): Promise<void> {
    connected = true;
    try {
      await ensureStreams();
    } catch (error) {
      onError(asBusError(error), 'streams');
    }
    for (const consumer of consumers) consumer.begin();
    for (const listener of listeners) listener();
  }

  function live(): NatsConnection {
    if (connection && connected && !closing.signal.aborted) return connection;
    throw new BusError('unavailable', 'not connected to NATS');
  }

  async function ensureStreams(): Promise<void> {
    const manager = await live().jetstreamManager({ timeout: ANSWER_MS });
    for (const stream of streams) {
      const settings = streamConfig(stream);
      const there = await manager.streams.info(stream.name).catch(() => undefined);
      if (there) await manager.streams.update(stream.name, settings);
      else await manager.streams.add(settings);
    }
  }

  /** Subscribes now, or as soon as there is a connection; after that the client keeps it over reconnections. */
  function listen(subject: string, onMessage: (message: Msg) => void | Promise<void>): Unsubscribe {
    let wanted = true;
    let stop = (): void => undefined;
    connecting.then(() => {
      if (!wanted || !connection || closing.signal.aborted) return;
      const subscription = connection.subscribe(subject, {
        callback: (error, message) => {
          if (error) return onError(error, subject);
          Promise.try(onMessage, message).catch((fault) => onError(fault, message.subject));
        },
      });
      stop = () => subscription.unsubscribe();
    });
    return () => {
      wanted = false;
      if (!closing.signal.aborted) stop();
    };
  }

  return {
    get connected() {
      return connected && !closing.signal.aborted;
    },

    onConnected(listener) {
      listeners.push(listener);
      if (connected) listener();
    },

    publish(subject, message) {
      if (connected && !closing.signal.aborted) connection?.publish(subject, json.encode(message));
    },

    async keep(subject, message, id) {
      const send = () =>
        live().jetstream({ timeout: ANSWER_MS }).publish(subject, json.encode(message), { msgID: id });
      try {
        await send().catch(async (error) => {
          if (!(error instanceof NatsError) || error.code !== ErrorCode.NoResponders) throw error;
          await ensureStreams();
          await send();
        });
      } catch (error) {
        throw asBusError(error);
      }
    },

    async lastKept(pattern) {
      const stream = streams.find((candidate) => candidate.subject === pattern);
      if (!stream) throw new BusError('unavailable', `no stream keeps ${pattern}`);
      try {
        const consumer = await live()
          .jetstream({ timeout: ANSWER_MS })
          .consumers.get(stream.name, { deliver_policy: DeliverPolicy.LastPerSubject });
        const { num_pending: pending } = await consumer.info();
        const messages: unknown[] = [];
        if (pending > 0) {
          for await (const message of await consumer.fetch({ max_messages: pending, expires: ANSWER_MS })) {
            messages.push(json.decode(message.data));
          }
        }
        await consumer.delete();
        return messages;
      } catch (error) {
        throw asBusError(error);
      }
    },

    subscribe(pattern, handler) {
      return listen(pattern, (message) => handler(json.decode(message.data)));
    },

    consume(subject, handler) {
      const stream = streams.find((candidate) => candidate.isQueue && candidate.subject === subject);
      if (!stream) throw new BusError('unavailable', `no queue takes ${subject}`);
      const take = async (message: JsMsg) => {
        let value: unknown;
        try {
          value = json.decode(message.data);
        } catch (error) {
          // It would come again and again, and never be understood.
          onError(asError(error), subject);
          return;
        }
        await handler(value);
      };
      const consumer = consumeQueue(stream, live, ensureStreams, take, (error) =>
        onError(asError(error), subject),
      );
      consumers.add(consumer);
      if (connected) consumer.begin();
      return () => {
        consumers.delete(consumer);
        consumer.stop();
      };
    },

    async request(subject, message, timeoutMs) {
      try {
        const answer = await live().request(subject, json.encode(message), { timeout: timeoutMs });
        return json.decode(answer.data);
      } catch (error) {
        throw asBusError(error);
      }
    },

    respond(subject, handler) {
      return listen(subject, async (message) => {
        // A request that says nothing is one, too: `nats request` sends it so.
        const asked = message.data.length === 0 ? undefined : json.decode(message.data);
        message.respond(json.encode(await handler(asked)));
      });
    },

    async close() {
      closing.abort();
      for (const consumer of consumers) consumer.stop();
      await connecting;
      if (connection && !connection.isClosed()) await (connected ? connection.drain() : connection.close());
    },
  };
}

function streamConfig(stream: StreamSettings) {
  return {
    name: stream.name,
    subjects: [stream.subject],
    retention: stream.isQueue ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    max_msgs: stream.maxMessages,
    max_msgs_per_subject: stream.maxPerSubject,
    max_age: nanos(stream.maxAgeMs),
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
  };
}
