import t from 'tap';
import { listingQuery, parseListing } from './parse-listing.ts';

const parse = (xml: string) => parseListing(Buffer.from(xml), { headers: {}, elapsed: 0 });

const page = (inner: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</ListBucketResult>`;
const contents = (key: string, etag = '&quot;abc&quot;') =>
  `<Contents><Key>${key}</Key><Size>7</Size><ETag>${etag}</ETag><LastModified>2026-01-02T03:04:05.678Z</LastModified></Contents>`;

t.test('keys are returned unchanged', async (t) => {
  const cases: [name: string, encoding: string, xml: string, key: string][] = [
    ['plain', '', '1000.csv', '1000.csv'],
    ['a number', '', '0001', '0001'],
    ['with entities', '', 'O&#39;Neil &amp; &#x53;on &lt;1&gt;.csv', "O'Neil & Son <1>.csv"],
    ['escaped twice', '', '&amp;lt;.csv', '&lt;.csv'],
    ['with what looks encoded, and is not', '', 'a+b%20c.csv', 'a+b%20c.csv'],
    ['encoded', '<EncodingType>url</EncodingType>', 'a%2Bb+c%2520d/%E6%BC%A2.csv', 'a+b c%20d/漢.csv'],
    ['with blanks at its ends', '', ' a.csv ', ' a.csv '],
  ];
  for (const [name, encoding, xml, key] of cases) {
    const [object] = parse(page(`${encoding}<IsTruncated>false</IsTruncated>${contents(xml)}`)).objects;
    t.same(object, { key, size: 7, etag: 'abc', modified: Date.UTC(2026, 0, 2, 3, 4, 5, 678) }, name);
  }
});

t.test('an ETag is the same in every notation', async (t) => {
  const forms = [
    'abc',
    '"abc"',
    '&quot;abc&quot;',
    '&#34;abc&#34;',
    '&#x22;abc&#x22;',
    'W/&quot;abc&quot;',
    '"abc',
    '&#34;abc"',
    '"&#97;bc"',
  ];
  for (const written of forms) {
    const [object] = parse(page(`<IsTruncated>false</IsTruncated>${contents('a', written)}`)).objects;
    t.equal(object?.etag, 'abc', written);
  }
  for (const written of ['', '""', '&#34;&#34;', '&quot;']) {
    const [object] = parse(page(`<IsTruncated>false</IsTruncated>${contents('a', written)}`)).objects;
    t.match(object?.etag, /^modified-/, `“${written}” is none`);
  }
});

t.test('a numeric token stays text', async (t) => {
  const xml = page(
    '<IsTruncated>true</IsTruncated><NextContinuationToken>0012345678901234567890</NextContinuationToken>',
  );
  t.equal(parse(xml).next, '0012345678901234567890');
});

t.test('a page can have thousands of entities', async (t) => {
  const objectsOf = Array.from({ length: 1000 }, (_, i) => contents(`${i}&amp;&#34;.csv`)).join('');
  const { objects } = parse(page(`<IsTruncated>false</IsTruncated>${objectsOf}`));
  t.equal(objects.length, 1000);
  t.match(objects[999], { key: '999&".csv', etag: 'abc' });
});

t.test('an empty bucket has an empty listing', async (t) => {
  t.same(parse(page('<IsTruncated>false</IsTruncated>')), { objects: [], next: undefined });
});

t.test('an incomplete listing is an error, never a shorter listing', async (t) => {
  t.throws(() => parse('<html><body>Bad Gateway</body></html>'), {
    message: 'the answer is no listing',
  });
  t.throws(() => parse(page('<IsTruncated>true</IsTruncated>')), {
    message: 'the listing breaks off',
  });
  t.throws(() => parse(page(`<IsTruncated>true</IsTruncated>${contents('a')}`)));
});

t.test('a page without any object size is an error', async (t) => {
  const sizeless = (...keys: string[]) =>
    keys.map((key) => contents(key).replace('<Size>7<', '<Size>seven<')).join('');
  const last = '<IsTruncated>false</IsTruncated>';
  t.throws(() => parse(page(`${last}${sizeless('a', 'b')}`)), {
    message: 'the listing has no size of any object',
  });
  t.match(parse(page(`${last}${sizeless('a', 'b')}${contents('c')}`)).objects, [
    { fault: { code: 'unreadable' } },
    { fault: { code: 'unreadable' } },
    { key: 'c', size: 7 },
  ]);
  t.match(
    parse(page(`${last}${sizeless('a')}`)).objects,
    [{ fault: { code: 'unreadable' } }],
    'one may be odd',
  );
});

t.test('the query is sorted and percent-encoded for the signature', async (t) => {
  const query = 'continuation-token=a%2Bb%3D&encoding-type=url&list-type=2&max-keys=1000&prefix=a%20b%2F';
  t.equal(listingQuery('a b/', 'a+b='), query);
});
