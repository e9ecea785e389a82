import fc from 'fast-check';
import t from 'tap';
import { scanListing } from './fast-path.ts';
import { parseXml } from './parse-listing.ts';

const START =
  '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">';
const END = '</ListBucketResult>';
const written = (name: string, text: string) => `<${name}>${text}</${name}>`;

t.test('the fast path reads regular pages', async (t) => {
  const object = [
    written('Key', 'a.csv'),
    written('LastModified', '2026-01-02T03:04:05.678Z'),
    written('ETag', '&#34;abc&#34;'),
    written('Size', '7'),
    written('Owner', written('ID', 'x') + written('DisplayName', 'y')),
    written('StorageClass', 'STANDARD'),
  ];
  const head = [
    written('Name', 'bucket'),
    written('Prefix', ''),
    written('KeyCount', '1'),
    written('IsTruncated', 'true'),
  ].join('');
  const xml = `${START}${head}${written('NextContinuationToken', '7')}${written('Contents', object.join(''))}${END}`;
  t.same(scanListing(xml), {
    isTruncated: 'true',
    token: '7',
    isEncoded: false,
    keyCount: '1',
    hasFolders: false,
    contents: [{ key: 'a.csv', size: '7', etag: '&#34;abc&#34;', modified: '2026-01-02T03:04:05.678Z' }],
  });
});

t.test('the fast path rejects ambiguous pages', async (t) => {
  const object = written(
    'Contents',
    written('Key', 'a') + written('Size', '1') + written('LastModified', 'x'),
  );
  for (const xml of [
    '<html></html>',
    `${START}${object}`,
    `${START}<!-- ${object} -->${END}`,
    `${START}${written('Contents', '<Key><![CDATA[a]]></Key>')}${END}`,
    `${START}${object.replace('<Contents>', '<Contents class="x">')}${END}`,
    `${START}${object.replace('<Size>1</Size>', '')}${END}`,
    `${START}${object.replace('</Contents>', '')}${END}`,
    `${START}${object.replace('<Key>', '<Key lang="x">')}${END}`,
    `${START}${object.replace('<Key>a', '<Key>a\rb')}${END}`,
  ]) {
    t.equal(scanListing(xml), undefined, xml);
  }
});

const text = fc
  .array(
    fc.constantFrom(
      'a',
      '/',
      ' ',
      '&amp;',
      '&lt;',
      '&#34;',
      '&quot;',
      '%20',
      '+',
      '漢',
      'Contents',
      'Key',
      '\n',
    ),
  )
  .map((parts) => parts.join(''));
const element = (name: string) => text.map((inner) => written(name, inner));
const blank = fc.constantFrom('', '', '\n  ');
const inAnyOrder = (elements: fc.Arbitrary<string>[]) =>
  fc
    .tuple(fc.tuple(...elements), blank)
    .chain(([all, between]) =>
      fc.shuffledSubarray(all, { minLength: all.length }).map((some) => some.join(between)),
    );
const odd = fc.constantFrom('', '', '', '<Owner><ID>1</ID></Owner>', '<!-- -->', '<ETag/>');
const object = inAnyOrder([element('Key'), element('Size'), element('LastModified'), odd]).map((inner) =>
  written('Contents', inner),
);
const head = inAnyOrder([
  element('Prefix'),
  element('NextContinuationToken'),
  fc.constantFrom('', written('EncodingType', 'url')),
  fc.constantFrom(written('IsTruncated', 'true'), written('IsTruncated', 'false')),
]);
const page = fc
  .tuple(head, fc.array(object, { maxLength: 4 }), blank, fc.boolean())
  .map(([top, objects, between, isLast]) => {
    const all = isLast ? [...objects, top] : [top, ...objects];
    return `${START}${between}${all.join(between)}${END}\n`;
  });

t.test('the fast path and the XML parser read the same', async (t) => {
  let scanned = 0;
  fc.assert(
    fc.property(page, (xml) => {
      const found = scanListing(xml);
      if (found === undefined) return;
      scanned++;
      t.same(found, parseXml(xml));
    }),
    { numRuns: 3_000 },
  );
  t.ok(scanned > 300, `${scanned} of them were scanned`);
});
