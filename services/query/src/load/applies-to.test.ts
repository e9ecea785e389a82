import t from 'tap';
import { appliesTo } from './applies-to.ts';

t.test('a delta applies only to its base', async (t) => {
  const [version, other] = ['ab'.repeat(32), 'ef'.repeat(32)];
  const base = { generation: 6, version };
  const delta = { key: 'deltas/7', size: 10, etag: 'e', rows: 1, sha256: other, base };
  t.equal(appliesTo(delta, base), true);
  t.equal(appliesTo(delta, { ...base, generation: 5 }), false);
  t.equal(appliesTo(delta, { ...base, version: other }), false);
  t.equal(appliesTo(delta, undefined), false);
});
