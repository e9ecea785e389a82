import t from 'tap';
import { type ApiEvent, type EventBroadcaster, openEventBroadcaster } from './event-broadcaster.ts';

const event = (n: number): ApiEvent => ({ event: 'run', data: n });
const turn = () => new Promise(setImmediate);

/** Subscribes and collects events until it is closed. */
function gather(events: EventBroadcaster, signal = new AbortController().signal) {
  const heard: unknown[] = [];
  const over = (async () => {
    for await (const { data } of events.subscribe(signal)) heard.push(data);
  })();
  return { heard, over };
}

t.test('each subscriber receives all events after its subscription, in order', async (t) => {
  const events = openEventBroadcaster();
  events.publish(event(0));
  const one = gather(events);
  await turn();
  events.publish(event(1));
  events.publish(event(2));
  const other = gather(events);
  await turn();
  events.publish(event(3));
  await turn();
  events.close();
  await Promise.all([one.over, other.over]);
  t.same([one.heard, other.heard], [[1, 2, 3], [3]]);
});

t.test('events between the subscription and the first read are received', async (t) => {
  const events = openEventBroadcaster();
  const received = events.subscribe(new AbortController().signal)[Symbol.asyncIterator]();
  events.publish(event(1));
  t.match(await received.next(), { value: { data: 1 } });
});

t.test('a subscriber can unsubscribe', async (t) => {
  const events = openEventBroadcaster();
  const leaving = new AbortController();
  const { heard, over } = gather(events, leaving.signal);
  await turn();
  events.publish(event(1));
  await turn();
  leaving.abort();
  await over;
  events.publish(event(2));
  t.same(heard, [1]);
});

t.test('a subscription with an aborted signal ends without events', async (t) => {
  const gone = AbortSignal.abort();
  const { heard, over } = gather(openEventBroadcaster(), gone);
  await over;
  t.same(heard, []);
});

t.test('a subscriber that is too slow is disconnected', async (t) => {
  const events = openEventBroadcaster();
  const slow = events.subscribe(new AbortController().signal)[Symbol.asyncIterator]();
  events.publish(event(0));
  t.match(await slow.next(), { value: { data: 0 } });
  for (let i = 1; i <= 1_002; i++) events.publish(event(i));
  let heard = 1;
  while (!(await slow.next()).done) heard++;
  t.ok(heard <= 1_001, `${heard} events, and then the end`);
});
