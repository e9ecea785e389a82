import type { TraceContext } from '@landfall/tracing/trace-context';
import { ErrorCode, JSONCodec, type JsMsg, NatsError } from 'nats';
import { BusError, type BusSettings, type EventBus, type StreamSettings } from '../event-bus.ts';
import { callGuarded, guardedReport } from '../guard-listener.ts';
import { subjectPattern } from '../subject-pattern.ts';
import { withBusTimeout } from '../with-bus-timeout.ts';
import { readLastKept } from './last-kept.ts';
import { asBusError, type NatsAccess } from './nats-connection.ts';
import { natsLease } from './nats-lease.ts';
import { consumeQueue, type QueueConsumer } from './nats-queue.ts';
import { ANSWER_MS, isStreamMissing } from './nats-streams.ts';
import { openPersistentConnection } from './persistent-connection.ts';
import { openStreamKeeper } from './stream-keeper.ts';
import { traceHeaders, traceOf } from './trace-headers.ts';

/** Timeout of one call of the port, ms. */
const CALL_TIMEOUT_MS = 15_000;

/**
 * An event bus on NATS with JetStream. It can be used at once and connects in the background with unlimited retries;
 * earlier subscriptions are set up then. Unless `createsStreams` is false, streams are created at every connection, and again
 * after they were deleted or JetStream's data was wiped.
 */
export function natsBus(access: NatsAccess, { streams, createsStreams, onError }: BusSettings): EventBus {
  const json = JSONCodec<unknown>();
  const report = guardedReport(onError);
  const listeners = new Set<() => void>();
  const consumers = new Set<QueueConsumer>();
  const leases = new Set<ReturnType<typeof natsLease>>();
  const link = openPersistentConnection(access, onConnected, report);
  const keeper = openStreamKeeper({
    streams,
    createsStreams,
    isConnected: () => link.connected,
    live: link.live,
    onCreated: notify,
    onFailure: (error) => report(asBusError(error), 'streams'),
  });

  async function onConnected(): Promise<void> {
    for (const lease of leases) void lease.renewNow();
    await keeper.handleConnection();
    for (const consumer of consumers) consumer.restart();
    notify();
  }

  function notify(): void {
    for (const listener of [...listeners]) callGuarded(listener, report, 'connected');
  }

  function streamOf(subject: string): StreamSettings {
    const stream = streams.find((candidate) => subjectPattern(candidate.subject).test(subject));
    if (!stream) throw new BusError('unavailable', `no stream keeps ${subject}`);
    return stream;
  }

  async function keep(subject: string, message: unknown, id: string, trace?: TraceContext): Promise<void> {
    const stream = streamOf(subject);
    const options = { msgID: id, ...traceHeaders(trace) };
    const send = () =>
      link.live().jetstream({ timeout: ANSWER_MS }).publish(subject, json.encode(message), options);
    try {
      await send();
    } catch (error) {
      // When no stream stores the subject but it has subscribers, the server sends no error and the call times out.
      const isUnanswered =
        error instanceof NatsError &&
        [ErrorCode.NoResponders, ErrorCode.Timeout].includes(error.code as ErrorCode);
      if (!isUnanswered || !(await keeper.restore([stream]))) throw error;
      await send();
    }
  }

  async function lastKept(pattern: string): Promise<unknown[]> {
    const stream = streams.find((candidate) => candidate.subject === pattern);
    if (!stream) throw new BusError('unavailable', `no stream keeps ${pattern}`);
    try {
      return await readLastKept(link.live(), stream, report);
    } catch (error) {
      if (!isStreamMissing(error)) throw error;
      await keeper.restore([stream]);
      return [];
    }
  }

  /** Adds the timeout and translates errors to `BusError`. */
  async function call<T>(what: string, result: Promise<T>): Promise<T> {
    try {
      return await withBusTimeout(CALL_TIMEOUT_MS, result, what);
    } catch (error) {
      throw asBusError(error);
    }
  }

  return {
    get connected() {
      return link.connected;
    },

    get missingStreams() {
      return keeper.missing;
    },

    onConnected(listener) {
      // A new function per call: the same listener may be registered twice.
      const own = () => listener();
      listeners.add(own);
      if (link.connected) callGuarded(own, report, 'connected');
      return () => void listeners.delete(own);
    },

    publish(subject, message) {
      if (link.connected) link.live().publish(subject, json.encode(message));
    },

    keep: (subject, message, id, trace) => call(subject, keep(subject, message, id, trace)),

    lastKept: (pattern) => call(pattern, lastKept(pattern)),

    subscribe(pattern, handler) {
      return link.subscribe(pattern, (message) => handler(json.decode(message.data), traceOf(message)));
    },

    consume(subject, handler) {
      const stream = streams.find((candidate) => candidate.isQueue && candidate.subject === subject);
      if (!stream) throw new BusError('unavailable', `no queue takes ${subject}`);
      const handle = async (message: JsMsg) => {
        let value: unknown;
        try {
          value = json.decode(message.data);
        } catch (error) {
          // A redelivery would fail forever.
          report(error, subject);
          return;
        }
        await handler(value);
      };
      const ensureStream = async () => void (await keeper.restore([stream]));
      const consumer = consumeQueue(stream, link.live, ensureStream, handle, (error) =>
        report(error, subject),
      );
      consumers.add(consumer);
      if (link.connected) consumer.restart();
      return () => {
        consumers.delete(consumer);
        consumer.stop();
      };
    },

    async request(subject, message, timeoutMs, trace) {
      try {
        const options = { timeout: timeoutMs, ...traceHeaders(trace) };
        const answer = await link.live().request(subject, json.encode(message), options);
        return json.decode(answer.data);
      } catch (error) {
        throw asBusError(error);
      }
    },

    respond(subject, handler) {
      return link.subscribe(subject, async (message) => {
        // An empty request is valid: `nats request` sends one.
        const request = message.data.length === 0 ? undefined : json.decode(message.data);
        const answer = json.encode(await handler(request, traceOf(message)));
        // A reply to another subject would be published there with this client's permissions.
        if (message.reply?.startsWith('_INBOX.')) message.respond(answer);
      });
    },

    lease(name, holder, onChange) {
      const lease = natsLease(name, holder, link.live, onChange, report);
      leases.add(lease);
      return {
        get state() {
          return lease.state;
        },
        get value() {
          return lease.value;
        },
        raise: lease.raise,
        check: lease.check,
        async release() {
          leases.delete(lease);
          await lease.release();
        },
      };
    },

    async close() {
      keeper.stop();
      for (const consumer of consumers) consumer.stop();
      for (const lease of leases) lease.stop();
      await link.close();
    },
  };
}
