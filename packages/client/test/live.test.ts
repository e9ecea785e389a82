import { type ChangeSet, type LandfallEvent, openLandfall } from '@landfall/client';
import { startTcpProxy } from '@landfall/test-servers/tcp-proxy';
import t, { type Test } from 'tap';
import { fromText, newToken } from '../../../services/query/test/support/_tokens.ts';
import { HEADER, makeApi } from '../../../services/standalone/test/_api.ts';

const user = (name: string) => `${HEADER}${name}, Last, 5\n`;
const USERS = 25;

/** A service with users, behind a proxy that can cut connections. */
async function serve(t: Test) {
  const reader = newToken('reader', 'read,run');
  const api = await makeApi(t, { access: fromText([reader.line]) });
  for (let i = 0; i < USERS; i++) api.put(`${100 + i}.csv`, user(`Name${i}`));
  await api.ingest();
  const proxy = await startTcpProxy(Number(new URL(api.address).port));
  t.teardown(proxy.stop);
  const url = `http://127.0.0.1:${proxy.port}`;
  const landfall = openLandfall(url, { token: reader.token });
  const direct = openLandfall(api.address, { token: reader.token });
  /** Writes a file and waits until it is served. */
  const publish = async (key: string, content: string) => {
    api.put(key, content);
    const { data } = await direct.api.POST('/data');
    t.match(data, { status: 'succeeded', published: true });
  };
  return { address: api.address, landfall, publish, proxy };
}

t.test('against a running service', async (t) => {
  const { address, landfall, publish, proxy } = await serve(t);

  await t.test('pages come from one generation', async (t) => {
    const pages = landfall.pages({ first_name: 'Name*' }, { limit: 10 });
    const first = (await pages.next()).value;
    await publish('100.csv', user('Other'));
    const rest = await Array.fromAsync(pages);
    t.same(
      [first, ...rest].map((page) => [page?.generation, page?.rows.length]),
      [
        [1, 10],
        [1, 10],
        [1, 5],
      ],
    );
    const rows = await Array.fromAsync(landfall.rows({ first_name: 'Name*' }));
    t.equal(rows.length, USERS - 1, 'the newest has one less');
    t.same((await Array.fromAsync(landfall.pages({ user_id: ['none'] }))).length, 1, 'an empty page');
  });

  await t.test('changes since a generation', async (t) => {
    const { generation, changes } = await landfall.changes(1);
    t.equal(generation, 2);
    t.match(changes, [{ change: 'updated', user_id: '100', user: { first_name: 'Other' } }]);
    await t.rejects(landfall.changes(99), { status: 404, code: 'generation_not_found' });
  });

  await t.test('follow catches up, goes on over lost connections, and stops', async (t) => {
    const stop = new AbortController();
    const sets = landfall.follow(1, { signal: stop.signal });
    const next = async (): Promise<ChangeSet> => (await sets.next()).value;
    t.match(await next(), { generation: 2, changes: [{ user_id: '100' }] });
    await publish('101.csv', user('Second'));
    t.match(await next(), { generation: 3, changes: [{ user_id: '101' }] });
    const waiting = next();
    proxy.cut();
    await publish('102.csv', user('Third'));
    await publish('103.csv', user('Fourth'));
    let seen = await waiting;
    const ids = seen.changes.map(({ user_id }) => user_id);
    while (seen.generation < 5) {
      seen = await next();
      ids.push(...seen.changes.map(({ user_id }) => user_id));
    }
    t.same(ids, ['102', '103'], 'nothing is missed, nothing comes twice');
    const end = t.rejects(next(), { message: 'enough' });
    stop.abort(new Error('enough'));
    await end;
  });

  await t.test('events resume after a silent connection, without what is known', async (t) => {
    const { signal, abort } = abortable();
    const events = landfall.events({ signal, maxSilenceMs: 200 });
    const known = await nextOfType(events, 'dataset');
    t.match(known, { id: /^5-/, data: { generation: 5, rows: USERS } });
    await nextOfType(events, 'status');
    proxy.freeze();
    // Of the new connection: the generation is not repeated, the status is.
    t.equal((await events.next()).value.type, 'status');
    await publish('104.csv', user('Fifth'));
    t.match(await nextOfType(events, 'dataset'), { data: { generation: 6 } });
    abort();
    await t.rejects(Array.fromAsync(events), { name: 'AbortError' });
  });

  await t.test('a token that is refused is an error, for streams as well', async (t) => {
    const stranger = openLandfall(address, { token: 'lf_unknown' });
    await t.rejects(stranger.events().next(), { name: 'LandfallError', status: 401, code: 'unauthorized' });
    await t.rejects(stranger.rows().next(), { name: 'LandfallError', status: 401 });
    t.match(await stranger.api.GET('/runs'), { error: { code: 'unauthorized' } });
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

async function nextOfType(events: AsyncGenerator<LandfallEvent>, type: LandfallEvent['type']) {
  for (;;) {
    const { value } = await events.next();
    if (value.type === type) return value;
  }
}
