import { setTimeout as sleep } from 'node:timers/promises';
import { AckPolicy, type ConsumerMessages, type JsMsg, type NatsConnection, nanos } from 'nats';
import type { StreamSettings } from '../event-bus.ts';
import { ANSWER_MS, managerOf } from './nats-streams.ts';

/** The durable consumer that all consumers of a queue share, so that each message goes to one of them. */
const DURABLE = 'landfall';
/** A message that is not acknowledged for this time is redelivered, ms. Handlers take much less. */
const ACK_TIMEOUT_MS = 10_000;
/** Delay before a message is redelivered after its handler failed, ms. */
const REDELIVER_AFTER_MS = 1_000;
/** Messages per pull request. The client library sends the next request before these are used up. */
const MAX_MESSAGES = 500;
/** Lifetime of a pull request, ms. The server sends a heartbeat twice in this time. */
const PULL_EXPIRES_MS = 10_000;
/** Delay after the queue could not be opened, ms. */
const RETRY_MS = 500;

/** A consumer of a work queue. */
export interface QueueConsumer {
  /** Starts, or starts again after a reconnection. The stream must exist. */
  restart: () => void;
  stop: () => void;
}

/**
 * Consumes a work queue of JetStream. It recreates the stream and the server's consumer when they are
 * deleted, and continues after the connection was lost.
 *
 * @param live returns the connection; throws while there is none
 * @param ensureStream creates the stream when it does not exist
 * @param handle handles a message; the message is acknowledged when it resolves
 * @param onFailure called with the error when the queue cannot be opened or a message cannot be handled
 */
export function consumeQueue(
  stream: StreamSettings,
  live: () => NatsConnection,
  ensureStream: () => Promise<void>,
  handle: (message: JsMsg) => Promise<void>,
  onFailure: (error: unknown) => void,
): QueueConsumer {
  let isActive = true;
  let hasStarted = false;
  let current: ConsumerMessages | undefined;

  async function open(): Promise<ConsumerMessages> {
    await ensureStream();
    const connection = live();
    const manager = await managerOf(connection);
    await manager.consumers.add(stream.name, {
      durable_name: DURABLE,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_TIMEOUT_MS),
      max_ack_pending: 2 * MAX_MESSAGES,
    });
    const consumer = await connection.jetstream({ timeout: ANSWER_MS }).consumers.get(stream.name, DURABLE);
    return await consumer.consume({
      max_messages: MAX_MESSAGES,
      expires: PULL_EXPIRES_MS,
      abort_on_missing_resource: true,
    });
  }

  async function consume(messages: ConsumerMessages): Promise<void> {
    for await (const message of messages) {
      if (!isActive) return message.nak();
      try {
        await handle(message);
        message.ack();
      } catch (error) {
        onFailure(error);
        // Throws while there is no connection. The server then redelivers the message by itself.
        message.nak(REDELIVER_AFTER_MS);
      }
    }
  }

  async function run(): Promise<void> {
    while (isActive) {
      try {
        current = await open();
        if (isActive) await consume(current);
      } catch (error) {
        if (isActive) onFailure(error);
      } finally {
        // Also a queue that was opened during `stop`: its timers would keep the process alive.
        closeCurrent();
        current = undefined;
      }
      if (isActive) await sleep(RETRY_MS, undefined, { ref: false });
    }
  }

  function closeCurrent(): void {
    current?.close().catch(onFailure);
  }

  return {
    restart() {
      if (hasStarted) closeCurrent();
      else void run();
      hasStarted = true;
    },
    stop() {
      isActive = false;
      closeCurrent();
    },
  };
}
