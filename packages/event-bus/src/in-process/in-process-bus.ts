import { parseTraceContext, type TraceContext } from '@landfall/tracing/trace-context';
import { BusError, type BusSettings, type EventBus, type StreamSettings } from '../event-bus.ts';
import { callGuarded, guardedReport } from '../guard-listener.ts';
import { subjectPattern } from '../subject-pattern.ts';
import { withBusTimeout } from '../with-bus-timeout.ts';
import { inProcessLeases } from './in-process-lease.ts';
import { workQueue } from './in-process-queue.ts';

interface Subscriber {
  pattern: RegExp;
  handler: (message: unknown, trace: TraceContext | undefined) => void;
}

type Responder = (message: unknown, trace: TraceContext | undefined) => unknown;

interface StoredMessage {
  subject: string;
  json: string;
}

/** How long a stream remembers message ids, ms. */
const DUPLICATE_WINDOW_MS = 120_000;

/** An event bus within one process. Its streams are lost when the process ends. */
export function inProcessBus({ streams, onError }: BusSettings): EventBus {
  const report = guardedReport(onError);
  const subscribers = new Set<Subscriber>();
  /** The first responder of a subject replies. */
  const responders = new Map<string, Set<Responder>>();
  const leases = inProcessLeases(report);
  /** Arrival times by stream and message id; monotonic, ms. */
  const ids = new Map<string, number>();
  const kept = new Map<string, StoredMessage[]>(streams.map((stream) => [stream.name, []]));
  const queues = new Map(
    streams
      .filter((stream) => stream.isQueue)
      .map((stream) => [
        stream.subject,
        workQueue(kept.get(stream.name) ?? [], (error) => report(error, stream.subject)),
      ]),
  );
  let open = true;

  function ensureOpen(): void {
    if (!open) throw new BusError('unavailable', 'the bus is closed');
  }

  /** @returns whether the subject belongs to a stream */
  function store(subject: string, id: string | undefined, json: string): boolean {
    const stream = streams.find((candidate) => subjectPattern(candidate.subject).test(subject));
    const messages = stream && kept.get(stream.name);
    if (!stream || !messages) return false;
    if (!isDuplicate(stream.name, id)) appendAndTrim(messages, { subject, json }, stream);
    queues.get(subject)?.deliver();
    return true;
  }

  /** Whether a message with this id arrived within the window, even if it was trimmed. Remembers the id. */
  function isDuplicate(stream: string, id: string | undefined): boolean {
    if (id === undefined) return false;
    const now = performance.now();
    // Oldest first.
    for (const [key, since] of ids) {
      if (now - since < DUPLICATE_WINDOW_MS) break;
      ids.delete(key);
    }
    const key = `${stream} ${id}`;
    if (ids.has(key)) return true;
    ids.set(key, now);
    return false;
  }

  /** Copies through JSON and delivers in a later turn, as a network would: no shared objects, no reentrancy. */
  function deliver(subject: string, json: string, trace?: TraceContext): void {
    const matching = [...subscribers].filter((subscriber) => subscriber.pattern.test(subject));
    for (const subscriber of matching) {
      setImmediate(() => {
        if (!subscribers.has(subscriber)) return;
        callGuarded(() => subscriber.handler(JSON.parse(json), received(trace)), report, subject);
      });
    }
  }

  return {
    get connected() {
      return open;
    },
    missingStreams: [],

    onConnected(listener) {
      callGuarded(listener, report, 'connected');
      return () => undefined;
    },

    publish(subject, message) {
      if (!open) return;
      const json = JSON.stringify(message);
      store(subject, undefined, json);
      deliver(subject, json);
    },

    async keep(subject, message, id, trace) {
      ensureOpen();
      const json = JSON.stringify(message);
      if (!store(subject, id, json)) throw new BusError('unavailable', `no stream keeps ${subject}`);
      deliver(subject, json, trace);
    },

    async lastKept(pattern) {
      ensureOpen();
      const matches = subjectPattern(pattern);
      const all = [...kept.values()].flat().filter((message) => matches.test(message.subject));
      const last = all.filter(
        (message, i) => !all.slice(i + 1).some((later) => later.subject === message.subject),
      );
      return last.map((message) => JSON.parse(message.json));
    },

    subscribe(pattern, handler) {
      const subscriber = { pattern: subjectPattern(pattern), handler };
      subscribers.add(subscriber);
      return () => subscribers.delete(subscriber);
    },

    consume(subject, handler) {
      const queue = queues.get(subject);
      if (!queue) throw new BusError('unavailable', `no queue takes ${subject}`);
      return queue.consume(handler);
    },

    async request(subject, message, timeoutMs, trace) {
      ensureOpen();
      const [respond] = responders.get(subject) ?? [];
      if (!respond) throw new BusError('no_responders', `nobody answers ${subject}`);
      const answer = Promise.resolve(JSON.parse(JSON.stringify(message)))
        .then((value) => respond(value, received(trace)))
        .then((value) => JSON.parse(JSON.stringify(value)))
        .catch((error) => {
          report(error, subject);
          return new Promise(() => undefined); // As over a network: the request times out.
        });
      return await withBusTimeout(timeoutMs, answer, subject);
    },

    respond(subject, handler) {
      // A new function per call: the same handler may be registered twice.
      const respond: Responder = (message, trace) => handler(message, trace);
      responders.set(subject, (responders.get(subject) ?? new Set()).add(respond));
      return () => void responders.get(subject)?.delete(respond);
    },

    lease: leases.lease,

    async close() {
      open = false;
      subscribers.clear();
      responders.clear();
      leases.close();
      for (const queue of queues.values()) queue.close();
    },
  };
}

/** As over a network: the receiver has a copy, if it is valid. */
const received = (trace: TraceContext | undefined): TraceContext | undefined =>
  trace && parseTraceContext(trace.traceparent, trace.tracestate);

function appendAndTrim(messages: StoredMessage[], added: StoredMessage, stream: StreamSettings): void {
  messages.push(added);
  if (messages.length <= stream.maxPerSubject && messages.length <= stream.maxMessages) return;
  const sameSubject = messages.filter((message) => message.subject === added.subject);
  const [oldest] = sameSubject;
  if (oldest && sameSubject.length > stream.maxPerSubject) messages.splice(messages.indexOf(oldest), 1);
  if (messages.length > stream.maxMessages) messages.shift();
}
