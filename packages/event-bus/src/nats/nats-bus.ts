import { ErrorCode, JSONCodec, type JsMsg, NatsError } from 'nats';
import { BusError, type BusSettings, type EventBus, type StreamSettings } from '../event-bus.ts';
import { callGuarded, guardedReport } from '../guard-listener.ts';
import { subjectPattern } from '../subject-pattern.ts';
import { withBusTimeout } from '../with-bus-timeout.ts';
import { asBusError, type NatsAccess } from './nats-connection.ts';
import { natsLease } from './nats-lease.ts';
import { consumeQueue, type QueueConsumer } from './nats-queue.ts';
import { ANSWER_MS, ensureStreams, isStreamMissing, readLastKept } from './nats-streams.ts';
import { openPersistentConnection } from './persistent-connection.ts';

/** All answers that one call of the port waits for come within this, ms. */
const CALL_MS = 15_000;
/** A stream that was deleted is made again this soon also when nothing is sent to it, ms. */
const CHECK_STREAMS_MS = 10_000;

/**
 * An event bus on NATS with JetStream. It can be used at once and connects by itself, for as long as it takes;
 * subscriptions made before are set up then. Streams are made at every connection, and again when they were deleted or
 * JetStream's data was wiped.
 */
export function natsBus(access: NatsAccess, { streams, onError }: BusSettings): EventBus {
  const json = JSONCodec<unknown>();
  const report = guardedReport(onError);
  const listeners = new Set<() => void>();
  const consumers = new Set<QueueConsumer>();
  const leases = new Set<ReturnType<typeof natsLease>>();
  const link = openPersistentConnection(access, onConnected, report);
  const checking = setInterval(
    () => link.connected && remakeStreams(streams).catch(reportStreams),
    CHECK_STREAMS_MS,
  );
  checking.unref();

  const reportStreams = (error: unknown): void => report(asBusError(error), 'streams');

  async function onConnected(): Promise<void> {
    for (const lease of leases) lease.wake();
    await ensureStreams(link.live(), streams, true).catch(reportStreams);
    for (const consumer of consumers) consumer.begin();
    notify();
  }

  function notify(): void {
    for (const listener of [...listeners]) callGuarded(listener, report, 'connected');
  }

  /** What they held is gone: whoever reads it back reads it now. */
  async function remakeStreams(missing: readonly StreamSettings[]): Promise<boolean> {
    const isMade = await ensureStreams(link.live(), missing, false);
    if (isMade) notify();
    return isMade;
  }

  function streamOf(subject: string): StreamSettings {
    const stream = streams.find((candidate) => subjectPattern(candidate.subject).test(subject));
    if (!stream) throw new BusError('unavailable', `no stream keeps ${subject}`);
    return stream;
  }

  async function keep(subject: string, message: unknown, id: string): Promise<void> {
    const stream = streamOf(subject);
    const send = () =>
      link.live().jetstream({ timeout: ANSWER_MS }).publish(subject, json.encode(message), { msgID: id });
    try {
      await send();
    } catch (error) {
      // Subscribers keep the server from saying at once that no stream takes the subject: then nobody answers.
      const isUnanswered =
        error instanceof NatsError &&
        [ErrorCode.NoResponders, ErrorCode.Timeout].includes(error.code as ErrorCode);
      if (!isUnanswered || !(await remakeStreams([stream]))) throw error;
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
      await remakeStreams([stream]);
      return [];
    }
  }

  /** Gives a call its deadline, and its errors their codes. */
  async function call<T>(what: string, result: Promise<T>): Promise<T> {
    try {
      return await withBusTimeout(CALL_MS, result, what);
    } catch (error) {
      throw asBusError(error);
    }
  }

  return {
    get connected() {
      return link.connected;
    },

    onConnected(listener) {
      // Each has a function of its own: the same listener may be there twice.
      const own = () => listener();
      listeners.add(own);
      if (link.connected) callGuarded(own, report, 'connected');
      return () => void listeners.delete(own);
    },

    publish(subject, message) {
      if (link.connected) link.live().publish(subject, json.encode(message));
    },

    keep: (subject, message, id) => call(subject, keep(subject, message, id)),

    lastKept: (pattern) => call(pattern, lastKept(pattern)),

    subscribe(pattern, handler) {
      return link.subscribe(pattern, (message) => handler(json.decode(message.data)));
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
          report(error, subject);
          return;
        }
        await handler(value);
      };
      const ensureStream = async () => void (await remakeStreams([stream]));
      const consumer = consumeQueue(stream, link.live, ensureStream, take, (error) => report(error, subject));
      consumers.add(consumer);
      if (link.connected) consumer.begin();
      return () => {
        consumers.delete(consumer);
        consumer.stop();
      };
    },

    async request(subject, message, timeoutMs) {
      try {
        const answer = await link.live().request(subject, json.encode(message), { timeout: timeoutMs });
        return json.decode(answer.data);
      } catch (error) {
        throw asBusError(error);
      }
    },

    respond(subject, handler) {
      return link.subscribe(subject, async (message) => {
        // A request that says nothing is one, too: `nats request` sends it so.
        const asked = message.data.length === 0 ? undefined : json.decode(message.data);
        message.respond(json.encode(await handler(asked)));
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
      clearInterval(checking);
      for (const consumer of consumers) consumer.stop();
      for (const lease of leases) lease.stop();
      await link.close();
    },
  };
}
