import t from 'tap';
import { accessOptions } from './access-options.ts';

t.test('the settings of access control', async (t) => {
  t.equal(accessOptions({ PUBLIC_READ: false }), undefined, 'everything is open');
  t.same(accessOptions({ PUBLIC_READ: true, API_TOKENS_FILE: 'tokens/api' }), {
    source: { kind: 'file', name: 'API_TOKENS_FILE', file: 'tokens/api' },
    isReadPublic: true,
  });
  t.match(accessOptions({ PUBLIC_READ: false, API_TOKENS: 'a;b' }), { source: { text: 'a;b' } });
  t.throws(() => accessOptions({ PUBLIC_READ: true }), { message: /PUBLIC_READ needs API_TOKENS_FILE/ });
  t.throws(() => accessOptions({ PUBLIC_READ: false, API_TOKENS: 'a', API_TOKENS_FILE: 'b' }), {
    name: 'SettingsError',
    message: /API_TOKENS_FILE and API_TOKENS are both set/,
  });
});
