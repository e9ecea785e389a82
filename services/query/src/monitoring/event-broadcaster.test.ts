import t from 'tap';
import { type ApiEvent, type EventBroadcaster, openEventBroadcaster } from './event-broadcaster.ts';

const event = (n: number): ApiEvent => ({ event: 'run', data: n });
const turn = () => new Promise(setImmediate);

/** Listens, and gathers what it hears until it is let go. */
function gather(events: EventBroadcaster, signal = new AbortController().signal) {
  const heard: unknown[] = [];
  const over = (async () => {
    for await (const { data } of events.listen(signal)) heard.push(data);
  })();
  return { heard, over };
}

t.test('everyone hears all, in order, from when they came', async (t) => {
  const events = openEventBroadcaster();
  events.tell(event(0));
  const one = gather(events);
  await turn();
  events.tell(event(1));
  events.tell(event(2));
  const other = gather(events);
  await turn();
  events.tell(event(3));
  await turn();
  events.close();
  await Promise.all([one.over, other.over]);
  t.same([one.heard, other.heard], [[1, 2, 3], [3]]);
});

t.test('what is told between the call and the first look is heard', async (t) => {
  const events = openEventBroadcaster();
  const told = events.listen(new AbortController().signal)[Symbol.asyncIterator]();
  events.tell(event(1));
  t.match(await told.next(), { value: { data: 1 } });
});

t.test('one may leave', async (t) => {
  const events = openEventBroadcaster();
  const leaving = new AbortController();
  const { heard, over } = gather(events, leaving.signal);
  await turn();
  events.tell(event(1));
  await turn();
  leaving.abort();
  await over;
  events.tell(event(2));
  t.same(heard, [1]);
});

t.test('one that has gone before it listens hears nothing and ends', async (t) => {
  const gone = AbortSignal.abort();
  const { heard, over } = gather(openEventBroadcaster(), gone);
  await over;
  t.same(heard, []);
});

t.test('one that does not keep up is let go', async (t) => {
  const events = openEventBroadcaster();
  const slow = events.listen(new AbortController().signal)[Symbol.asyncIterator]();
  events.tell(event(0));
  t.match(await slow.next(), { value: { data: 0 } });
  for (let i = 1; i <= 1_002; i++) events.tell(event(i));
  let heard = 1;
  while (!(await slow.next()).done) heard++;
  t.ok(heard <= 1_001, `${heard} events, and then the end`);
});
