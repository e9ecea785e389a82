import t from 'tap';
import { makeGeneration, usersNamed } from '../support/_generation.ts';
import { makeService } from '../support/_service.ts';

const MINUTE = 60_000;

t.test('/generations lists the generations that can be read, the newest first', async (t) => {
  const { ask, publish } = await makeService(t);
  t.match(await ask('/generations'), { status: 200, json: [] });
  const one = await publish(1, usersNamed('one', 3));
  const two = await publish(2, usersNamed('two', 4));
  const answer = await ask('/generations');
  t.same(
    answer.json,
    [two, one].map(({ manifest: { generation, version, rows, created_at } }) => ({
      generation,
      version,
      rows,
      created_at,
    })),
  );
  t.equal(answer.headers['cache-control'], 'no-cache');
});

t.test('each listed generation can be read', async (t) => {
  const { ask, publish } = await makeService(t);
  for (const [i, name] of ['one', 'two', 'three'].entries()) await publish(i + 1, usersNamed(name, i + 1));
  for (const [i, name] of ['one', 'two', 'three'].entries()) {
    for (const target of ['/data', '/stats', '/data/100000', '/data?sort=-last_name&limit=1']) {
      const { status, headers, text } = await ask(
        `${target}${/\?/.test(target) ? '&' : '?'}generation=${i + 1}`,
      );
      t.equal(status, 200, `${target} of ${i + 1}`);
      t.equal(headers['landfall-generation'], String(i + 1));
      if (target !== '/stats') t.match(text, `"last_name":"${name}"`);
      else t.match(JSON.parse(text), { count: i + 1 });
    }
  }
  t.match(await ask('/data/100002?generation=2'), { status: 404, json: { code: 'user_not_found' } });
});

t.test('a future generation is 404, a dropped one is 410', async (t) => {
  const { ask, publish } = await makeService(t);
  for (const target of ['/data', '/stats', '/data/100000']) {
    t.match(await ask(`${target}?generation=1`), { status: 503, json: { code: 'no_data_set' } }, target);
  }
  t.match(await ask('/changes?since=1'), { status: 503, json: { code: 'no_data_set' } });
  await publish(5, usersNamed('five', 3));
  await publish(9, usersNamed('nine', 3));
  for (const target of ['/data', '/stats', '/data/100000']) {
    for (const [generation, status, code] of [
      [10, 404, 'generation_not_found'],
      [7, 410, 'generation_gone'],
      [4, 410, 'generation_gone'],
    ] as const) {
      const answer = await ask(`${target}?generation=${generation}`);
      t.match(answer, { status, json: { code, newest: 9 } }, `${target} of ${generation}`);
      t.match(answer.headers['content-type'], /problem\+json/);
    }
  }
  t.match(await ask('/changes?since=10'), { status: 404, json: { code: 'generation_not_found' } });
  t.match(await ask('/changes?since=7'), { status: 410, json: { code: 'generation_gone' } });
  t.match(await ask('/changes'), {
    status: 400,
    json: { parameters: ['since'], detail: 'since is missing' },
  });
  t.match(await ask('/data?generation=0'), { status: 400, json: { parameters: ['generation'] } });
});

t.test('the newest generations and all young ones are kept', async (t) => {
  const { ask, publish, time } = await makeService(t, { keepGenerations: 2 });
  const readable = async () => {
    const listed: { generation: number }[] = JSON.parse((await ask('/generations')).text);
    for (const { generation } of listed) t.equal((await ask(`/data?generation=${generation}`)).status, 200);
    return listed.map(({ generation }) => generation);
  };
  await publish(1, usersNamed('one', 3));
  time.now += MINUTE;
  await publish(2, usersNamed('two', 3));
  await publish(3, usersNamed('three', 3));
  t.same(await readable(), [3, 2, 1], 'it is a minute old');
  time.now += 14 * MINUTE;
  await publish(4, usersNamed('four', 3));
  t.same(await readable(), [4, 3, 2]);
  t.match(await ask('/data?generation=1'), { status: 410, json: { code: 'generation_gone' } });
  time.now += 60 * MINUTE;
  await publish(5, usersNamed('five', 3));
  t.same(await readable(), [5, 4]);
});

t.test('a generation stays for a while after a client read a page of it', async (t) => {
  const { ask, publish, time } = await makeService(t, { keepGenerations: 1 });
  await publish(1, usersNamed('one', 3));
  time.now += 20 * MINUTE;
  const { headers } = await ask('/data?limit=1');
  const next = /<([^>]+)>/.exec(String(headers.link))?.[1] ?? '';
  await publish(2, usersNamed('two', 3));
  t.match(await ask(next), { status: 200, json: [{ last_name: 'one' }] });
  time.now += 4 * MINUTE;
  await publish(3, usersNamed('three', 3));
  t.match(await ask(next), { status: 200, json: [{ last_name: 'one' }] });
  time.now += 5 * MINUTE;
  await publish(4, usersNamed('four', 3));
  t.match(await ask(next), {
    status: 410,
    json: { code: 'generation_gone', newest: 4, detail: /Start again/ },
  });
});

t.test('min_generation waits until the generation is served', async (t) => {
  const { ask, publish, put, syncNow } = await makeService(t);
  const waiting = ['/data', '/stats', '/data/100000', '/rejects'].map((target) =>
    ask(`${target}?min_generation=2`),
  );
  await publish(1, usersNamed('one', 3));
  t.match(await ask('/data?min_generation=1'), { status: 200, json: [{ last_name: 'one' }, {}, {}] });
  await put(makeGeneration(2, usersNamed('two', 3)));
  const unseen = ask('/data?min_generation=2');
  t.match(await unseen, { status: 200, json: [{ last_name: 'two' }, {}, {}] }, 'the request triggers a sync');
  await syncNow();
  for (const answer of await Promise.all(waiting)) {
    t.match(answer, { status: 200, headers: { 'landfall-generation': '2' } });
  }
  const exactly = await ask('/data?min_generation=2&generation=1');
  t.match(exactly, { status: 200, json: [{ last_name: 'one' }, {}, {}] });
});

t.test('min_generation waits for a limited time', async (t) => {
  const { ask, publish } = await makeService(t, { generationWaitMs: 1 });
  await publish(1, usersNamed('one', 3));
  for (const target of ['/data', '/stats', '/data/100000', '/rejects']) {
    const { status, json, headers } = await ask(`${target}?min_generation=2`);
    t.equal(status, 503, target);
    t.match(json, { code: 'generation_not_reached', newest: 1 });
    t.ok(Number(headers['retry-after']) > 0);
  }
});
