import fc from 'fast-check';
import t from 'tap';
import { includesScope, SCOPES } from './scopes.ts';
import { hashToken, makeToken, tokenLine } from './token.ts';
import { parseTokenList, TokenListError } from './token-list.ts';

const HASH = 'ab'.repeat(32);

/** The error of a list that cannot be used. */
function faultsOf(...lines: string[]): string {
  try {
    parseTokenList(lines, 'The list');
    return '';
  } catch (error) {
    if (error instanceof TokenListError) return error.message;
    throw error;
  }
}

t.test('scopes include those below', async (t) => {
  for (const [at, granted] of SCOPES.entries()) {
    for (const [below, needed] of SCOPES.entries()) t.equal(includesScope(granted, needed), below <= at);
  }
});

t.test('a token has 256 random bits, and its line can be read', async (t) => {
  const token = makeToken();
  t.match(token, /^lf_[\w-]{43}$/);
  t.not(makeToken(), token);
  const [read] = parseTokenList([tokenLine('a', 'read,force', token)], 'The list');
  t.match(read, { name: 'a', scope: 'force', hash: hashToken(token) });
});

t.test('each fault is reported with its line, and without its content', async (t) => {
  for (const [line, expected] of [
    ['a:read', 'it is not name:scope'],
    ['lf_secret', 'it is not name:scope'],
    [`a:read:${HASH}:more`, 'it is not name:scope'],
    [`:read:${HASH}`, 'the name is not'],
    [`-a:read:${HASH}`, 'the name is not'],
    [`${'a'.repeat(65)}:read:${HASH}`, 'the name is not'],
    [`a:secret:${HASH}`, 'a scope is not one of read, run, force'],
    [`a:read,:${HASH}`, 'a scope is not'],
    [`a:Read:${HASH}`, 'a scope is not'],
    ['a:read:lf_secret', 'the hash is not'],
    [`a:read:${HASH}0`, 'the hash is not'],
    [`a:read:${'é'.repeat(64)}`, 'the hash is not'],
  ] as const) {
    const fault = faultsOf('# a comment', `good:read:${'0'.repeat(64)}`, line);
    t.match(fault, `The list can't be used:\n  - line 3: ${expected}`, line);
    t.notMatch(fault, 'secret', line);
  }
  t.match(faultsOf('x', '', 'y'), /line 1: .*\n.*line 3: /, 'all at once');
  t.match(
    faultsOf(`a:read:${HASH}`, `b:read:${HASH.toUpperCase()}`),
    'line 2: it has the same token as line 1',
  );
  t.match(faultsOf(''), 'line 1: the list ends and has no token');
  t.match(faultsOf('# only', '  # comments', ''), 'line 3: the list ends and has no token');
  const many = Array.from({ length: 1_001 }, (_, i) => tokenLine('a', 'read', String(i)));
  t.match(faultsOf(...many), 'there are more than 1000 tokens');
});

t.test('any list that is written is read, with any blanks and comments', async () => {
  const blank = fc.stringMatching(/^[ \t]{0,3}$/);
  const comment = fc.constantFrom('', '#', '# who: when', ' #a:read:b');
  const entry = fc.record({
    name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,10}$/),
    scopes: fc.subarray([...SCOPES], { minLength: 1 }),
    hash: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    isUpper: fc.boolean(),
    end: fc.constantFrom('', '\r'),
    blank,
    comment,
  });
  const entries = fc.uniqueArray(entry, { selector: ({ hash }) => hash, minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(entries, fc.array(comment), (entries, comments) => {
      const lines = entries.map(
        ({ name, scopes, hash, isUpper, blank, comment, end }) =>
          `${blank}${name}${blank}:${scopes.join(`${blank},`)}:${isUpper ? hash.toUpperCase() : hash}${blank}${comment}${end}`,
      );
      const read = parseTokenList([...comments, ...lines, ...comments], 'The list');
      const found = read.map(({ name, scope, hash }) => ({ name, scope, hash: hash.toString('hex') }));
      const wanted = entries.map(({ name, scopes, hash }) => ({ name, scope: scopes.at(-1), hash }));
      return JSON.stringify(found) === JSON.stringify(wanted);
    }),
  );
});

t.test('any text is a list or an error with a line, and never an open API', async () => {
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom(':', ',', '\n', '#', 'read', 'force', HASH, '\uFEFF', 'a'),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      try {
        return parseTokenList(parts.join('').split('\n'), 'The list').length > 0;
      } catch (error) {
        return error instanceof TokenListError && /line \d+: |more than/.test(error.message);
      }
    }),
    { numRuns: 1_000 },
  );
});

t.test('the hash of an empty token is a fault', async (t) => {
  const hash = hashToken('').toString('hex');
  for (const each of [hash, hash.toUpperCase()])
    t.match(faultsOf(`a:force:${each}`), 'line 1: the hash is that of an empty token');
});
