import { MANIFEST_KEY } from '@landfall/contracts/dataset/manifest';
import type { ListedObject, ObjectStore } from '@landfall/object-store/object-store';
import t from 'tap';
import { LeadershipLostError } from '../errors/leadership-lost.ts';
import { openFencedStore } from './fenced-store.ts';

/** A store that never answers, and notes what it was asked. */
function hangingStore() {
  const calls: string[] = [];
  const hang = (name: string) => (): Promise<never> => {
    calls.push(name);
    return new Promise(() => undefined);
  };
  const store: ObjectStore = {
    async *list() {
      calls.push('list');
      yield [] as ListedObject[];
      await new Promise(() => undefined);
    },
    read: hang('read'),
    readEach: hang('readEach'),
    head: hang('head'),
    open: hang('open'),
    put: hang('put'),
    supportsConditions: hang('supportsConditions'),
    copy: hang('copy'),
    remove: hang('remove'),
    createBucket: hang('createBucket'),
  };
  return { store, calls };
}

const everyCall = (store: ObjectStore): Promise<unknown>[] => [
  (async () => {
    for await (const _ of store.list('b'));
  })(),
  store.read('b', 'k', 1),
  store.readEach('b', [], { maxBytes: 1, concurrency: 1 }, () => undefined),
  store.head('b', 'k'),
  store.open('b', 'k'),
  store.put('b', 'k', Buffer.from('')),
  store.put('b', MANIFEST_KEY, Buffer.from('')),
  store.supportsConditions('b'),
  store.copy('b', 'k', 'l'),
  store.remove('b', 'k'),
  store.createBucket('b'),
];

t.test('the end of a leadership fails what is under way, and lets nothing more through', async (t) => {
  const { store, calls } = hangingStore();
  const fenced = openFencedStore(store, async () => undefined);
  const underWay = everyCall(fenced.store).map((call) => t.rejects(call, { message: 'over' }));
  await new Promise(setImmediate);
  const before = calls.length;
  t.equal(before, 11);
  fenced.close(new LeadershipLostError('over'));
  await Promise.all(underWay);
  await Promise.all(everyCall(fenced.store).map((call) => t.rejects(call, { name: 'LeadershipLostError' })));
  t.equal(calls.length, before);
});

t.test('a manifest is put only when the leadership is confirmed', async (t) => {
  const { store, calls } = hangingStore();
  const fenced = openFencedStore(store, async () => {
    throw new LeadershipLostError('another leads');
  });
  await t.rejects(fenced.store.put('b', MANIFEST_KEY, Buffer.from('')), { message: 'another leads' });
  t.same(calls, []);
});
