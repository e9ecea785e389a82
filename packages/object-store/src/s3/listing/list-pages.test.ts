import t from 'tap';
import { list } from '../../object-store.contract.ts';
import { answer, contents, inTurn, LAST, more, page, scriptedS3 } from '../_scripted-s3.ts';

const keysOf = (objects: { key: string }[]) => objects.map(({ key }) => key);
const pages = (...inner: [string, ...string[]]) => {
  const [first, ...others] = inner;
  return inTurn(answer(200, page(first)), ...others.map((each) => answer(200, page(each))));
};

t.test('an incomplete page is retried and never used', async (t) => {
  const whole = page(LAST + contents('a') + contents('b'));
  for (const cut of [
    whole.slice(0, -1),
    whole.slice(0, whole.indexOf('</ListBucketResult>')),
    whole.slice(0, whole.indexOf('<Contents><Key>b')),
    page(`${LAST}<KeyCount>3</KeyCount>${contents('a')}${contents('b')}`),
    page(`${LAST}<KeyCount>1</KeyCount>${contents('a')}${contents('b')}`),
    page(`${LAST}<KeyCount></KeyCount>${contents('a')}`),
    page(`${LAST}<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>${contents('a')}`),
    page(contents('a')),
    page(`<IsTruncated>perhaps</IsTruncated>${contents('a')}`),
    page(`<IsTruncated>true</IsTruncated>${contents('a')}`),
    `<html><body>${contents('a')}</body></html>`,
    '',
  ]) {
    const healed = await scriptedS3(t, inTurn(answer(200, cut), answer(200, whole)));
    t.same(keysOf(await list(healed.store, 'bucket')), ['a', 'b']);
    const { store } = await scriptedS3(t, answer(200, cut));
    await t.rejects(list(store, 'bucket'), { name: 'StoreError', code: 'unavailable' }, cut);
  }
});

t.test('an endless listing is an error', async (t) => {
  let i = 0;
  const cases = {
    'the same token': pages(more('x') + contents('a'), more('x') + contents('b')),
    'tokens in turn': pages(
      more('x') + contents('a'),
      more('y') + contents('b'),
      more('x') + contents('c'),
      more('y') + contents('d'),
    ),
    'other tokens, the same keys': (...args: Parameters<ReturnType<typeof answer>>) =>
      answer(200, page(more(String(i++)) + contents('a') + contents('b')))(...args),
    'other tokens, no keys': (...args: Parameters<ReturnType<typeof answer>>) =>
      answer(200, page(more(String(i++))))(...args),
  };
  for (const [name, act] of Object.entries(cases)) {
    const { store } = await scriptedS3(t, act);
    await t.rejects(list(store, 'bucket'), { name: 'StoreError', code: 'unavailable' }, name);
  }
});

t.test('empty pages between others are accepted', async (t) => {
  const { store } = await scriptedS3(t, pages(more('x') + contents('a'), more('y'), LAST + contents('b')));
  t.same(keysOf(await list(store, 'bucket')), ['a', 'b']);
});

t.test('a repeated key is passed on once, with a warning', async (t) => {
  const count = (n: number) => `<KeyCount>${n}</KeyCount>`;
  for (const counted of [count(2), count(3), '']) {
    const first = counted + more('x') + contents('a') + contents('a') + contents('b');
    const { store, warnings } = await scriptedS3(t, pages(first, LAST + contents('b') + contents('c')));
    t.same(keysOf(await list(store, 'bucket')), ['a', 'b', 'c']);
    t.same(warnings, ['the listing of bucket repeats 2 keys: they were skipped']);
  }
});

t.test('keys are returned in the order of the store', async (t) => {
  const { store } = await scriptedS3(
    t,
    pages(LAST + contents('a/b/2') + contents('a/b-c/3') + contents('a')),
  );
  t.same(keysOf(await list(store, 'bucket')), ['a/b/2', 'a/b-c/3', 'a']);
});

t.test('a server that ignores the prefix', async (t) => {
  const { store } = await scriptedS3(t, pages(LAST + contents('a/1') + contents('b/2')));
  await t.rejects(list(store, 'bucket', 'a/'), { name: 'StoreError', code: 'unavailable' });
  t.equal((await list(store, 'bucket')).length, 2);
});

t.test('an endless page', async (t) => {
  const { store } = await scriptedS3(t, (_request, response) => {
    response.writeHead(200);
    const piece = contents('a').repeat(10_000);
    const write = () => {
      while (response.write(piece));
    };
    response.on('drain', write);
    write();
  });
  await t.rejects(list(store, 'bucket'), { name: 'StoreError', message: /more than \d+ bytes/ });
});

t.test('an invalid entry is a fault of that entry', async (t) => {
  const encoded = '<EncodingType>url</EncodingType>';
  const cases: [written: string, key: string, fault: string | undefined, encoding?: string][] = [
    ['bad%FF.csv', 'bad\ufffd.csv', 'not_utf8_name', encoded],
    ['100%.csv', '100%.csv', undefined, encoded],
    ['%ZZ+%41', '%ZZ A', undefined, encoded],
    ['%E6%BC%A2%', '漢%', undefined, encoded],
    ['%ED%A0%BD.csv', '\ufffd\ufffd\ufffd.csv', 'not_utf8_name', encoded],
    ['%EF%BF%BD.csv', '\ufffd.csv', undefined, encoded],
    ['a%01b%0Ac', 'a\u0001b\nc', undefined, encoded],
    ['bad%FF.csv', 'bad%FF.csv', undefined],
    ['&#xFFFFFFFF;.csv', '\ufffd.csv', 'not_utf8_name'],
    ['&#99999999999999999999;', '\ufffd', 'not_utf8_name'],
    ['&#xD800;.csv', '\ufffd.csv', 'not_utf8_name'],
    ['&#xD83D;&#xDE00;.csv', '😀.csv', undefined],
    ['&#x1;&#10;.csv', '\u0001\n.csv', undefined],
    ['&constructor;&nbsp;', '&constructor;&nbsp;', undefined],
    ['', '', 'unreadable'],
  ];
  for (const [written, key, fault, encoding = ''] of cases) {
    const { store } = await scriptedS3(t, pages(LAST + encoding + contents(written) + contents('z')));
    const objects = await list(store, 'bucket');
    t.match(
      objects,
      [
        { key, fault: fault ? { code: fault } : undefined },
        { key: 'z', size: 7 },
      ],
      written,
    );
  }
  for (const size of ['', '-1', 'NaN', '7.5', '1e3', '0x7', ' 7', '9'.repeat(16), 'seven']) {
    const { store } = await scriptedS3(t, pages(LAST + contents('a', { size }) + contents('z')));
    const objects = await list(store, 'bucket');
    t.match(
      objects,
      [
        { key: 'a', size: 0, fault: { code: 'unreadable' } },
        { key: 'z', size: 7 },
      ],
      size,
    );
  }
});

t.test('bytes of a page that are not UTF-8', async (t) => {
  const [before = '', after = ''] = page(`${LAST}${contents('\ufffd')}${contents('bad#.csv')}`).split('#');
  const body = Buffer.concat([Buffer.from(before), Buffer.of(0xff), Buffer.from(after)]);
  const { store } = await scriptedS3(t, answer(200, body));
  const objects = await list(store, 'bucket');
  t.match(objects[1], { key: 'bad\ufffd.csv', fault: { code: 'not_utf8_name' } });
});
