import { setTimeout as sleep } from 'node:timers/promises';
import { AckPolicy, type ConsumerMessages, type JsMsg, type NatsConnection, nanos } from 'nats';
import type { StreamSettings } from '../event-bus.ts';
import { ANSWER_MS } from './nats-streams.ts';

/** All consumers of a queue are one to the server: a message goes to one of them. */
const DURABLE = 'landfall';
/** A message that is not acknowledged comes again after so long; handlers are done at once. Ms. */
const ACK_WITHIN_MS = 10_000;
const REDELIVER_AFTER_MS = 1_000;
/** Asked for at a time; the next are asked for before these are used up. */
const MESSAGES = 500;
/** The server is asked anew so often; with half of it between two signs of life. Ms. */
const PULL_FOR_MS = 10_000;
/** After a failure to get at the queue, ms. */
const RETRY_MS = 500;

/** A consumer of a work queue. */
export interface QueueConsumer {
  /** The connection is there (again), and the stream made: begins, or begins anew. */
  begin: () => void;
  stop: () => void;
}

/**
 * Consumes a work queue of JetStream, for as long as it takes: whatever happens to the connection, the stream or the
 * server's consumer, it makes them again and goes on.
 *
 * @param live the connection; throws while there is none
 * @param ensureStream makes the stream where it is not there
 * @param take is done with a message when it resolves
 * @param onFailure hears why the queue can't be had, or a message can't be taken
 */
export function consumeQueue(
  stream: StreamSettings,
  live: () => NatsConnection,
  ensureStream: () => Promise<void>,
  take: (message: JsMsg) => Promise<void>,
  onFailure: (error: unknown) => void,
): QueueConsumer {
  let wanted = true;
  let began = false;
  let current: ConsumerMessages | undefined;

  async function open(): Promise<ConsumerMessages> {
    await ensureStream();
    const connection = live();
    const manager = await connection.jetstreamManager({ timeout: ANSWER_MS });
    await manager.consumers.add(stream.name, {
      durable_name: DURABLE,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WITHIN_MS),
      max_ack_pending: 2 * MESSAGES,
    });
    const consumer = await connection.jetstream({ timeout: ANSWER_MS }).consumers.get(stream.name, DURABLE);
    return await consumer.consume({
      max_messages: MESSAGES,
      expires: PULL_FOR_MS,
      abort_on_missing_resource: true,
    });
  }

  async function consume(messages: ConsumerMessages): Promise<void> {
    for await (const message of messages) {
      if (!wanted) return message.nak();
      try {
        await take(message);
        message.ack();
      } catch (error) {
        onFailure(error);
        // Throws while there is no connection: then the server redelivers by itself.
        message.nak(REDELIVER_AFTER_MS);
      }
    }
  }

  async function run(): Promise<void> {
    while (wanted) {
      try {
        current = await open();
        if (wanted) await consume(current);
      } catch (error) {
        if (wanted) onFailure(error);
      } finally {
        // Also one that was opened while `stop` was called: its timers would keep the process alive.
        leave();
        current = undefined;
      }
      if (wanted) await sleep(RETRY_MS, undefined, { ref: false });
    }
  }

  function leave(): void {
    current?.close().catch(onFailure);
  }

  return {
    begin() {
      if (began) leave();
      else void run();
      began = true;
    },
    stop() {
      wanted = false;
      leave();
    },
  };
}
