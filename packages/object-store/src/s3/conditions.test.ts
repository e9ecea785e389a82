import t from 'tap';
import { type Act, answer, hangUp, object, refusal, scriptedS3 } from './_scripted-s3.ts';
import { conditionHeaders } from './conditions.ts';

const OURS = { etag: '11111111111111111111111111111111' };

/** A store that keeps the probe, and checks what `isRefused` says. */
function keeping(
  isRefused: (header: { absent: boolean; match: string | undefined; etag: string }) => boolean,
): Act {
  let etag = '';
  let puts = 0;
  return (request, response) => {
    const { 'if-none-match': none, 'if-match': match } = request.headers;
    const found = object('', { etag: `"${etag}"` });
    if (request.method === 'DELETE') answer(204)(request, response);
    else if (request.method !== 'PUT') found(request, response);
    else if (etag !== '' && isRefused({ absent: none === '*', match, etag: `"${etag}"` }))
      refusal(412, 'PreconditionFailed')(request, response);
    else {
      etag = `version-${++puts}`;
      object('', { etag: `"${etag}"` })(request, response);
    }
  };
}

t.test('detects whether a store supports conditions', async (t) => {
  const cases: [name: string, act: Act, expected: boolean][] = [
    ['both', keeping(({ absent, match, etag }) => absent || (match !== undefined && match !== etag)), true],
    ['none', keeping(() => false), false],
    ['If-None-Match alone', keeping(({ absent }) => absent), false],
    ['If-Match alone', keeping(({ match, etag }) => match !== undefined && match !== etag), false],
    ['If-Match never', keeping(({ absent, match }) => absent || match !== undefined), false],
    ['not implemented', refusal(501, 'NotImplemented'), false],
  ];
  for (const [name, act, expected] of cases) {
    const { store, seen } = await scriptedS3(t, act);
    t.equal(await store.supportsConditions('bucket'), expected, name);
    const keys = new Set(seen.map((line) => line.split(' ')[1]));
    t.equal(keys.size, 1, 'one object');
    t.match([...keys][0], /^\/bucket\/\.landfall-probe-/);
    t.match(seen.at(-1), /^DELETE /, 'which is removed');
  }
});

t.test('a failed probe is an error and removes its object', async (t) => {
  const cases: [act: Act, code: string][] = [
    [refusal(503, 'SlowDown'), 'unavailable'],
    [hangUp, 'unavailable'],
    [refusal(403, 'AccessDenied'), 'access_denied'],
    [refusal(404, 'NoSuchBucket'), 'bucket_not_found'],
  ];
  for (const [act, code] of cases) {
    const { store, seen } = await scriptedS3(t, act);
    await t.rejects(store.supportsConditions('bucket'), { name: 'StoreError', code });
    t.match(seen.at(-1), /^DELETE /);
  }
});

t.test('a failed conditional put, by the answer of the store', async (t) => {
  const cases: [act: Act, condition: { absent: true } | { etag: string } | undefined, code: string][] = [
    [refusal(412, 'PreconditionFailed'), { absent: true }, 'precondition_failed'],
    [refusal(412, 'PreconditionFailed'), OURS, 'precondition_failed'],
    [refusal(409, 'ConditionalRequestConflict'), OURS, 'precondition_failed'],
    [refusal(404, 'NoSuchKey'), OURS, 'precondition_failed'],
    [refusal(404, 'NoSuchBucket'), OURS, 'bucket_not_found'],
    [answer(412, '<html>'), OURS, 'unavailable'],
    [answer(404), OURS, 'unavailable'],
    [refusal(503, 'SlowDown'), OURS, 'unavailable'],
    [refusal(403, 'AccessDenied'), OURS, 'access_denied'],
  ];
  for (const [act, condition, code] of cases) {
    const { store } = await scriptedS3(t, act);
    await t.rejects(
      store.put('bucket', 'a', Buffer.from('x'), condition),
      { name: 'StoreError', code },
      code,
    );
  }
});

t.test('conditions are signed headers', async (t) => {
  let seen: Record<string, string | string[] | undefined> = {};
  const { store } = await scriptedS3(t, (request, response) => {
    seen = request.headers;
    object('')(request, response);
  });
  await store.put('bucket', 'a', Buffer.from('x'), OURS);
  t.equal(seen['if-match'], `"${OURS.etag}"`);
  t.match(seen.authorization, /SignedHeaders=host;if-match;x-amz-content-sha256;x-amz-date,/);
  await store.put('bucket', 'a', Buffer.from('x'), { absent: true });
  t.equal(seen['if-none-match'], '*');
});

t.test('a condition becomes a header unless the ETag is not the server’s', async (t) => {
  t.same(conditionHeaders(undefined), { purpose: 'write' });
  t.same(conditionHeaders({ absent: true }).headers, { 'if-none-match': '*' });
  t.same(conditionHeaders({ etag: 'abc' }).headers, { 'if-match': '"abc"' });
  for (const etag of ['modified-2026-06-01T00:00:00', 'unknown-5a1'])
    t.same(conditionHeaders({ etag }), { purpose: 'write' }, etag);
});
