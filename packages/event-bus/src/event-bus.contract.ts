import { once } from 'node:events';
import type { Test } from 'tap';
import type { BusSettings, EventBus, LeaseState, StreamSettings } from './event-bus.ts';

/** Makes two ends of one bus that nobody else is on; they may be the same. Ended by the test's teardown. */
export type MakeBus = (t: Test, settings: BusSettings) => Promise<{ one: EventBus; other: EventBus }>;

const DAY_MS = 86_400_000;
/** An answer may take so long, ms. */
const SOON_MS = 5_000;

/** Streams of a test's own, so that it can share a server with others. */
function streamsFor(tag: string): StreamSettings[] {
  const common = { maxAgeMs: DAY_MS };
  return [
    { name: `LOG_${tag}`, subject: `log.${tag}`, maxMessages: 3, maxPerSubject: 3, ...common },
    { name: `LAST_${tag}`, subject: `last.${tag}.*`, maxMessages: 10, maxPerSubject: 1, ...common },
    {
      name: `WORK_${tag}`,
      subject: `work.${tag}`,
      maxMessages: 200,
      maxPerSubject: 200,
      isQueue: true,
      ...common,
    },
  ];
}

/** What every event bus has to do. */
export function eventBusContract(t: Test, make: MakeBus): void {
  let made = 0;

  async function setUp(t: Test) {
    const tag = `${process.pid}_${Date.now()}_${made++}`;
    const errors: { error: Error; subject: string }[] = [];
    const onError = (error: Error, subject: string) => void errors.push({ error, subject });
    const { one, other } = await make(t, { streams: streamsFor(tag), onError });
    await Promise.all([one, other].map((bus) => new Promise<void>((resolve) => bus.onConnected(resolve))));
    return {
      one,
      other,
      errors,
      log: `log.${tag}`,
      last: `last.${tag}`,
      work: `work.${tag}`,
      plain: `plain.${tag}`,
    };
  }

  t.test('all subscribers receive a message, in the order sent', async (t) => {
    const { one, other, plain } = await setUp(t);
    const received = [
      listener(one, plain),
      listener(other, plain),
      listener(other, `${plain.split('.')[0]}.*`),
    ];
    await Promise.all(received.map(({ ready }) => ready()));
    for (let i = 0; i < 100; i++) one.publish(plain, { i });
    for (const { until } of received) {
      t.same(
        await until(100),
        Array.from({ length: 100 }, (_, i) => ({ i })),
      );
    }
  });

  t.test('a star matches exactly one token', async (t) => {
    const { one, other, plain } = await setUp(t);
    const { ready, until } = listener(other, `${plain}.*`);
    await ready(`${plain}.ready`);
    for (const subject of [plain, `${plain}.a.b`, `x${plain}.a`, `${plain}.a`]) one.publish(subject, subject);
    t.same(await until(1), [`${plain}.a`]);
  });

  t.test('an unsubscribed handler receives nothing', async (t) => {
    const { one, other, plain } = await setUp(t);
    const left = listener(other, plain);
    const stays = listener(other, plain);
    await left.ready();
    await stays.ready();
    left.leave();
    one.publish(plain, 'late');
    t.same(await stays.until(1), ['late']);
    t.same(left.messages, []);
  });

  t.test('a message is a copy', async (t) => {
    const { one, other, plain } = await setUp(t);
    const { ready, until } = listener(other, plain);
    await ready();
    const sent = { list: [1], nothing: null, text: 'ü😀"\n', undefined: undefined };
    one.publish(plain, sent);
    const [received] = await until(1);
    t.same(received, { list: [1], nothing: null, text: 'ü😀"\n' });
    t.not(received, sent);
  });

  t.test('kept messages are stored and delivered', async (t) => {
    const { one, other, log } = await setUp(t);
    const { ready, until } = listener(other, log);
    t.same(await other.lastKept(log), [], 'nothing at first');
    await ready();
    await one.keep(log, 'first', '1');
    await one.keep(log, 'second', '2');
    t.same(await until(2), ['first', 'second']);
    t.same(await other.lastKept(log), ['second'], 'the last of each subject');
  });

  t.test('published messages on the subject of a stream are stored, too', async (t) => {
    const { one, other, log } = await setUp(t);
    one.publish(log, 'published');
    let kept: unknown[] = [];
    for (const deadline = Date.now() + SOON_MS; kept.length === 0 && Date.now() < deadline; ) {
      kept = await other.lastKept(log);
    }
    t.same(kept, ['published']);
  });

  t.test('a message with the same id is stored once', async (t) => {
    const { one, log } = await setUp(t);
    await one.keep(log, 'first', 'a');
    await one.keep(log, 'second', 'b');
    await one.keep(log, 'first again', 'a');
    t.same(await one.lastKept(log), ['second']);
  });

  t.test('the id of a removed message is remembered', async (t) => {
    const { one, other, last } = await setUp(t);
    const received = listener(other, `${last}.*`);
    await received.ready(`${last}.ready`);
    await one.keep(`${last}.a`, 'first', 'a');
    await one.keep(`${last}.a`, 'second', 'b');
    await one.keep(`${last}.a`, 'first again', 'a');
    t.same(await received.until(3), ['first', 'second', 'first again'], 'subscribers receive it');
    t.same((await one.lastKept(`${last}.*`)).at(-1), 'second');
  });

  t.test('lastKept returns the last message of every subject, oldest first', async (t) => {
    const { one, other, last } = await setUp(t);
    for (const [subject, message] of [
      ['a', 'a1'],
      ['b', 'b1'],
      ['a', 'a2'],
      ['c', 'c1'],
    ]) {
      await one.keep(`${last}.${subject}`, message, `${message}`);
    }
    t.same(await other.lastKept(`${last}.*`), ['b1', 'a2', 'c1']);
  });

  t.test('a stream stores at most its capacity', async (t) => {
    const { one, last } = await setUp(t);
    for (let i = 0; i < 15; i++) await one.keep(`${last}.${i}`, i, String(i));
    t.same(await one.lastKept(`${last}.*`), [5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  });

  t.test('a queue stores messages until they are consumed, and delivers each once', async (t) => {
    const { one, other, log, work } = await setUp(t);
    for (let i = 0; i < 3; i++) await one.keep(work, i, String(i));
    const early = consumer(other, work);
    t.same(await early.until(3), [0, 1, 2]);
    for (let i = 3; i < 100; i++) one.publish(work, i);
    t.same(
      await early.until(100),
      Array.from({ length: 100 }, (_, i) => i),
      'in the order sent',
    );
    early.leave();
    await other.lastKept(log); // Now the server knows that this one has left.
    await one.keep(work, 'later', 'later');
    t.same(await consumer(one, work).until(1), ['later'], 'consumed messages are not delivered again');
    t.equal(early.messages.length, 100, 'a stopped consumer receives nothing');
  });

  t.test('a message is redelivered when its consumer throws', async (t) => {
    const { one, other, errors, work } = await setUp(t);
    const failing = consumer(other, work, (message, earlier) => {
      if (message === 'hard' && !earlier.includes('hard')) throw new Error('not yet');
    });
    await one.keep(work, 'hard', '1');
    t.same(await failing.until(2), ['hard', 'hard']);
    t.match(errors, [{ error: { message: 'not yet' }, subject: work }]);
  });

  t.test('a full queue drops the oldest message', async (t) => {
    const { one, other, work } = await setUp(t);
    for (let i = 0; i < 205; i++) await one.keep(work, i, String(i));
    t.same(
      await consumer(other, work).until(200),
      Array.from({ length: 200 }, (_, i) => i + 5),
    );
  });

  t.test('only a queue can be consumed', async (t) => {
    const { one, log } = await setUp(t);
    t.throws(() => one.consume(log, () => undefined), { name: 'BusError' });
  });

  t.test('a request gets the reply of a responder', async (t) => {
    const { one, other, plain } = await setUp(t);
    const leave = other.respond(plain, async (question) => ({ echo: question }));
    await answering(one, plain);
    const answers = await Promise.all([1, 2, 3].map((n) => one.request(plain, { n }, SOON_MS)));
    t.same(answers, [{ echo: { n: 1 } }, { echo: { n: 2 } }, { echo: { n: 3 } }]);
    leave();
    await silent(one, plain);
  });

  t.test('the trace of a message reaches subscribers and responders', async (t) => {
    const { one, other, log, plain } = await setUp(t);
    const received: unknown[] = [];
    other.subscribe(log, (message, trace) => void received.push([message, trace]));
    other.respond(plain, (_message, trace) => trace ?? 'none');
    await answering(one, plain);
    const full = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'vendor=1,other=x' };
    const { traceparent } = full;
    t.same(await one.request(plain, {}, SOON_MS, full), full);
    t.same(await one.request(plain, {}, SOON_MS, { traceparent }), { traceparent });
    t.equal(await one.request(plain, {}, SOON_MS), 'none', 'of a sender without traces');
    const last = listener(other, log);
    await last.ready();
    received.splice(0);
    await one.keep(log, 'with', '1', full);
    await one.keep(log, 'without', '2');
    await last.until(2);
    t.same(received, [
      ['with', full],
      ['without', undefined],
    ]);
  });

  t.test('an invalid trace is left out, and the message is delivered', async (t) => {
    const { one, other, plain } = await setUp(t);
    other.respond(plain, (message, trace) => ({ message, trace: trace ?? 'none' }));
    await answering(one, plain);
    const [traceId, spanId] = ['a'.repeat(32), 'b'.repeat(16)];
    for (const traceparent of [
      'x',
      `00-${traceId}-${spanId}`,
      `00-${'0'.repeat(32)}-${spanId}-01`,
      `00-${traceId}-${'0'.repeat(16)}-01`,
      `00-${traceId}-${spanId}-01-more`,
      `ff-${traceId}-${spanId}-01`,
      `00-${traceId.toUpperCase()}-${spanId}-01`,
      `01-${traceId}-${spanId}-01-${'x'.repeat(1_000)}`,
    ]) {
      const answer = await one.request(plain, 'm', SOON_MS, { traceparent });
      t.same(answer, { message: 'm', trace: 'none' }, traceparent);
    }
    const traceparent = `00-${traceId}-${spanId}-01`;
    const later = { traceparent: `01-${traceId}-${spanId}-01-more` };
    t.match(await one.request(plain, 'm', SOON_MS, later), { trace: { traceparent } }, 'of a later version');
    const long = { traceparent, tracestate: `a=${'x'.repeat(600)}` };
    t.same(await one.request(plain, 'm', SOON_MS, long), { message: 'm', trace: { traceparent } });
  });

  t.test('a request without responders fails', async (t) => {
    const { one, plain } = await setUp(t);
    await t.rejects(one.request(plain, {}, SOON_MS), { name: 'BusError', code: 'no_responders' });
  });

  t.test('a request without a reply in time fails', async (t) => {
    const { one, other, plain } = await setUp(t);
    const never = new Promise(() => undefined);
    let asked = 0;
    other.respond(plain, () => (asked++ === 0 ? 'ready' : never));
    await answering(one, plain);
    await t.rejects(one.request(plain, {}, 50), { name: 'BusError', code: 'timeout' });
  });

  t.test('a handler that throws is reported and receives the next message', async (t) => {
    const { one, other, errors, plain } = await setUp(t);
    const received: unknown[] = [];
    other.subscribe(plain, (message) => {
      received.push(message);
      if (message === 'bad') throw new Error('I can’t');
    });
    const after = listener(other, plain);
    await after.ready();
    one.publish(plain, 'bad');
    one.publish(plain, 'good');
    await after.until(2);
    t.same(received.slice(-2), ['bad', 'good']);
    t.same(
      errors.map(({ error, subject }) => [error.message, subject]),
      [['I can’t', plain]],
    );
  });

  t.test('a responder that throws is reported and replies to the next request', async (t) => {
    const { one, other, errors, plain } = await setUp(t);
    other.respond(plain, (message) => {
      if (message === 'bad') throw new Error('I can’t');
      return 'fine';
    });
    await answering(one, plain);
    await t.rejects(one.request(plain, 'bad', 100), { name: 'BusError', code: 'timeout' });
    t.equal(await one.request(plain, 'good', SOON_MS), 'fine');
    t.same(
      errors.map(({ error }) => error.message),
      ['I can’t'],
    );
  });

  t.test('one of two responders may unsubscribe', async (t) => {
    const { one, other, log, plain } = await setUp(t);
    const leave = other.respond(plain, () => 'first');
    other.respond(plain, () => 'second');
    await answering(one, plain);
    leave();
    await other.lastKept(log); // Now the server knows that this one has left.
    t.equal(await one.request(plain, {}, SOON_MS), 'second');
  });

  t.test(
    'a listener to connections that throws is reported, and keeps no other from being called',
    async (t) => {
      const { one, errors } = await setUp(t);
      one.onConnected(() => {
        throw new Error('thrown');
      });
      one.onConnected((async () => {
        throw new Error('rejected');
      }) as () => void);
      await new Promise<void>((resolve) => one.onConnected(resolve));
      for (let i = 0; i < 50 && errors.length < 2; i++) await new Promise(setImmediate);
      t.same(errors.map(({ error }) => error.message).sort(), ['rejected', 'thrown']);
    },
  );

  t.test('an error listener that throws does no harm', async (t) => {
    const tag = `${process.pid}_${Date.now()}_${made++}`;
    const { one, other } = await make(t, {
      streams: streamsFor(tag),
      onError: () => {
        throw new Error('reporting failed');
      },
    });
    const received = listener(other, `plain.${tag}`);
    other.subscribe(`plain.${tag}`, () => {
      throw new Error('handling failed');
    });
    await Promise.all([one, other].map((bus) => new Promise<void>((resolve) => bus.onConnected(resolve))));
    await received.ready();
    one.publish(`plain.${tag}`, 'after');
    t.same(await received.until(1), ['after']);
  });

  t.test('a message on a subject without a stream cannot be kept', async (t) => {
    const { one, plain } = await setUp(t);
    await t.rejects(one.keep(plain, 1, '1'), { name: 'BusError', code: 'unavailable' });
  });

  t.test('a lease has one holder, and another one after its release', async (t) => {
    const { one, other, plain } = await setUp(t);
    const all = Array.from({ length: 8 }, (_, i) => competitor(i % 2 ? one : other, plain, `holder-${i}`));
    const decided = await Promise.all(all.map(({ until }) => until((state) => state.kind !== 'unknown')));
    t.equal(decided.filter(({ kind }) => kind === 'held').length, 1, 'one of eight holds it');
    const first = all.find(({ lease }) => lease.state.kind === 'held');
    const others = all.filter((each) => each !== first);
    for (const { until } of others) {
      await until((state) => state.kind === 'taken' && state.holder === first?.holder);
    }

    first?.lease.raise(41);
    t.same(await first?.lease.check(), { kind: 'held' });
    await first?.lease.release();
    t.not(first?.lease.state.kind, 'held');
    const next = await Promise.any(
      others.map(async (each) => {
        await each.until((state) => state.kind === 'held');
        return each;
      }),
    );
    t.equal(next.lease.value, 41, 'the number of the first holder');
    next.lease.raise(7);
    t.equal(next.lease.value, 41, 'it only rises');
    for (const { lease } of others) {
      if (lease !== next.lease) t.not((await lease.check()).kind, 'held');
    }
    await Promise.all(all.map(({ lease }) => lease.release()));
  });

  t.test('leases with different names are independent', async (t) => {
    const { one, other, plain } = await setUp(t);
    const [a, b] = [competitor(one, `${plain}-a`, 'x'), competitor(other, `${plain}-b`, 'y')];
    await Promise.all([a, b].map(({ until }) => until((state) => state.kind === 'held')));
    await Promise.all([a, b].map(({ lease }) => lease.release()));
    await a.lease.release();
  });

  t.test('a listener to a lease that throws is reported', async (t) => {
    const { one, errors, plain } = await setUp(t);
    const lease = one.lease(plain, 'x', () => {
      throw new Error('I can’t');
    });
    for (const end = Date.now() + SOON_MS; errors.length === 0 && Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    t.match(errors, [{ error: { message: 'I can’t' }, subject: `lease ${plain}` }]);
    t.same(await lease.check(), { kind: 'held' });
    await lease.release();
  });

  t.test('calls of a closed bus fail', async (t) => {
    const { one, log, plain } = await setUp(t);
    t.equal(one.connected, true);
    await one.close();
    t.equal(one.connected, false);
    one.publish(plain, 'into the void');
    await t.rejects(one.keep(log, 'x', 'x'), { name: 'BusError', code: 'unavailable' });
    await t.rejects(one.lastKept(log), { name: 'BusError', code: 'unavailable' });
    await t.rejects(one.request(plain, 'x', SOON_MS), { name: 'BusError', code: 'unavailable' });
    const lease = one.lease(plain, 'x', () => undefined);
    t.same(await lease.check(), { kind: 'unknown' });
    await lease.release();
    await one.close();
  });
}

/** A subscriber that can wait for messages. */
function listener(bus: EventBus, pattern: string) {
  const messages: unknown[] = [];
  const received = new EventTarget();
  const leave = bus.subscribe(pattern, (message) => {
    if (message !== READY) messages.push(message);
    received.dispatchEvent(new Event(message === READY ? 'ready' : 'message'));
  });
  const signal = () => AbortSignal.timeout(SOON_MS);
  return {
    messages,
    leave,
    /** Resolves once the subscription has reached the server: it receives a message of its own. */
    async ready(subject = pattern.replaceAll('*', 'ready')): Promise<void> {
      const ready = once(received, 'ready', { signal: signal() });
      const knocking = setInterval(() => bus.publish(subject, READY), 10);
      try {
        await ready;
      } finally {
        clearInterval(knocking);
      }
    },
    async until(count: number): Promise<unknown[]> {
      while (messages.length < count) await once(received, 'message', { signal: signal() });
      return messages;
    },
  };
}

/** Consumes a queue, and can wait for what comes; `work` may throw. */
function consumer(
  bus: EventBus,
  subject: string,
  work: (message: unknown, earlier: unknown[]) => void = () => undefined,
) {
  const messages: unknown[] = [];
  const received = new EventTarget();
  const leave = bus.consume(subject, (message) => {
    const earlier = [...messages];
    messages.push(message);
    received.dispatchEvent(new Event('message'));
    work(message, earlier);
  });
  return {
    messages,
    leave,
    async until(count: number): Promise<unknown[]> {
      const signal = AbortSignal.timeout(SOON_MS);
      while (messages.length < count) await once(received, 'message', { signal });
      return messages;
    },
  };
}

/** Competes for a lease, and can wait for a state of it. */
export function competitor(bus: EventBus, name: string, holder: string) {
  const changed = new EventTarget();
  const lease = bus.lease(name, holder, () => changed.dispatchEvent(new Event('change')));
  return {
    holder,
    lease,
    async until(isReached: (state: LeaseState) => boolean, withinMs = 3 * SOON_MS): Promise<LeaseState> {
      const signal = AbortSignal.timeout(withinMs);
      while (!isReached(lease.state)) await once(changed, 'change', { signal });
      return lease.state;
    },
  };
}

const READY = 'are you there?';

/** Resolves once somebody answers. */
async function answering(bus: EventBus, subject: string): Promise<void> {
  for (;;) {
    try {
      await bus.request(subject, {}, SOON_MS);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'no_responders')) throw error;
    }
  }
}

/** Resolves once nobody answers any more. A request that crosses with the leaving may be lost: it is asked again. */
async function silent(bus: EventBus, subject: string): Promise<void> {
  const deadline = Date.now() + SOON_MS;
  while (Date.now() < deadline) {
    const code = await bus.request(subject, {}, 100).then(
      () => 'answered',
      (error) => error.code,
    );
    if (code === 'no_responders') return;
  }
  throw new Error('somebody answers still');
}
