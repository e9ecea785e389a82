import fc from 'fast-check';
import t from 'tap';
import { addToClaims, type Claims, countOrphanImages } from './match.ts';

const object = (key: string) => ({ key, etag: `etag of ${key}`, size: 5 });
function claimsOf(keys: readonly string[]): Claims {
  const claims: Claims = new Map();
  for (const key of keys) addToClaims(claims, object(key));
  return claims;
}
const summary = (claims: Claims, userId: string) => {
  const claim = claims.get(userId);
  return claim && [claim.records.map(({ key }) => key), claim.image?.key];
};

t.test('records and images come together by user', async (t) => {
  const cases: [name: string, keys: string[], records: string[], image: string | undefined][] = [
    ['a record alone', ['7.csv'], ['7.csv'], undefined],
    ['with an image', ['7.csv', '7.png'], ['7.csv'], '7.png'],
    ['in different folders', ['a/7.csv', 'z/7.png'], ['a/7.csv'], 'z/7.png'],
    ['png before jpg', ['7.csv', '7.jpg', '7.png'], ['7.csv'], '7.png'],
    ['jpg before jpeg, webp and gif', ['7.gif', '7.webp', '7.jpeg', '7.jpg', '7.csv'], ['7.csv'], '7.jpg'],
    ['two of a kind: the first in byte order', ['b/7.png', 'a/7.png', '7.csv'], ['7.csv'], 'a/7.png'],
    ['the kind counts more than the key', ['a/7.jpg', 'z/7.png', '7.csv'], ['7.csv'], 'z/7.png'],
    ['letter case of the extension', ['7.CSV', '7.PNG'], ['7.CSV'], '7.PNG'],
    ['two records: the first in byte order owns', ['b/7.csv', 'a/7.csv'], ['a/7.csv', 'b/7.csv'], undefined],
    ['capitals come first in byte order', ['7.csv', '7.CSV'], ['7.CSV', '7.csv'], undefined],
    ['bytes, not UTF-16', ['\ufffd/7.csv', '😀/7.csv'], ['\ufffd/7.csv', '😀/7.csv'], undefined],
    ['no record', ['7.png'], [], '7.png'],
  ];
  for (const [name, keys, records, image] of cases)
    t.same(summary(claimsOf(keys), '7'), [records, image], name);
});

t.test('a user’s id is text: 0001 is not 1', async (t) => {
  t.same([...claimsOf(['0001.csv', '1.csv']).keys()].sort(), ['0001', '1']);
});

t.test('images without a record are orphans, each of them', async (t) => {
  t.equal(countOrphanImages(claimsOf(['7.csv', '7.png', '8.png', 'a/8.png', '9.jpg', 'notes.txt'])), 3);
});

t.test('the order of the listing does not matter', async (t) => {
  const keys = [
    '7.csv',
    'a/7.csv',
    '7.png',
    'b/7.png',
    '7.jpg',
    '8.csv',
    '8.PNG',
    '8.png',
    '9.gif',
    'a/8.csv',
    'notes.txt',
  ];
  const expected = claimsOf(keys);
  fc.assert(
    fc.property(fc.shuffledSubarray(keys, { minLength: keys.length }), (shuffled) => {
      const claims = claimsOf(shuffled);
      for (const [userId, claim] of expected) t.same(claims.get(userId), claim);
    }),
  );
});
