import fs from 'node:fs';
import { ownNatsIsMissing } from '@landfall/test-servers/nats-server';
import { ownS3IsMissing } from '@landfall/test-servers/s3-server';
import t from 'tap';
import { openChanges } from './_changes.ts';
import { makeFaultFixture } from './_fault-fixture.ts';
import type { Fault, FaultRule, S3Answer } from './_fault-proxy.ts';
import { rounds } from './_rounds.ts';

const skip = ownNatsIsMissing() ?? ownS3IsMissing() ?? false;

const html = (status: number): S3Answer => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from('<html><body>proxy</body></html>'),
});
const s3Error = (status: number, code: string): S3Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: Buffer.from(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>made up</Message></Error>`),
});
const lie = (change: (answer: S3Answer) => S3Answer): Fault => ({ kind: 'lie', change });
const withBody = (answer: S3Answer, body: Buffer): S3Answer => {
  const { 'content-length': _, ...headers } = answer.headers;
  return { ...answer, headers, body };
};
const text = (answer: S3Answer, change: (text: string) => string) =>
  withBody(answer, Buffer.from(change(answer.body.toString())));
/** The entries of a listing in another order, or some of them twice. */
const entries = (xml: string, change: (all: string[]) => string[]): string => {
  const all = xml.match(/<Contents>.*?<\/Contents>/gs) ?? [];
  if (all.length === 0) return xml;
  const start = xml.indexOf('<Contents>');
  const end = xml.lastIndexOf('</Contents>') + '</Contents>'.length;
  return xml.slice(0, start) + change(all).join('') + xml.slice(end);
};

/** Faults of a store, as proxy rules for the source or the processed bucket. */
const FAULTS: Record<string, FaultRule> = {
  'connections are refused': () => ({ kind: 'refuse' }),
  'uploads are refused': ({ method }) => (method === 'PUT' ? { kind: 'refuse' } : undefined),
  'answers to uploads are lost': ({ method }) => (method === 'PUT' ? { kind: 'lose-answer' } : undefined),
  'every answer is a 503': () => ({ kind: 'answer', answer: s3Error(503, 'SlowDown') }),
  'every answer is a 500': () => ({ kind: 'answer', answer: s3Error(500, 'InternalError') }),
  'every answer is a page of a proxy': () => ({ kind: 'answer', answer: html(502) }),
  'everything is forbidden': () => ({ kind: 'answer', answer: s3Error(403, 'AccessDenied') }),
  'everything is a 404 with a page of a proxy': () => ({ kind: 'answer', answer: html(404) }),
  'HEAD and GET are 404 without a body': ({ key, method }) =>
    key !== '' && method !== 'PUT'
      ? { kind: 'answer', answer: { status: 404, headers: {}, body: Buffer.alloc(0) } }
      : undefined,
  'listings are cut with a fitting length': ({ isListing }) =>
    isListing
      ? lie((answer) => text(answer, (xml) => xml.slice(0, Math.floor(xml.length * 0.7))))
      : undefined,
  'listings are cut between two entries': ({ isListing }) =>
    isListing
      ? lie((answer) => text(answer, (xml) => xml.slice(0, xml.indexOf('</Contents>', xml.length / 2) + 11)))
      : undefined,
  'listings lose entries': ({ isListing }) =>
    isListing ? lie((answer) => text(answer, (xml) => entries(xml, (all) => all.slice(0, -3)))) : undefined,
  'listings break off': ({ isListing }) => (isListing ? { kind: 'cut', share: 0.6 } : undefined),
  'listings name keys twice': ({ isListing }) =>
    isListing
      ? lie((answer) =>
          text(answer, (xml) =>
            entries(xml, (all) => all.flatMap((each) => [each, each])).replace(
              /<KeyCount>(\d+)<\/KeyCount>/,
              (_, count) => `<KeyCount>${2 * Number(count)}</KeyCount>`,
            ),
          ),
        )
      : undefined,
  'listings are out of order': ({ isListing }) =>
    isListing ? lie((answer) => text(answer, (xml) => entries(xml, (all) => all.toReversed()))) : undefined,
  'listings are a page of a proxy': ({ isListing }) =>
    isListing ? { kind: 'answer', answer: html(200) } : undefined,
  'records are shorter than they were listed': ({ key, method }) =>
    key.endsWith('.csv') && !key.includes('/') && method === 'GET'
      ? lie((answer) => withBody(answer, answer.body.subarray(0, -4)))
      : undefined,
  'records break off': ({ key, method }) =>
    key.endsWith('.csv') && method === 'GET' ? { kind: 'cut', share: 0.8 } : undefined,
  'copies answer 200 with an error': ({ method, key }) =>
    method === 'PUT' && (key === 'output.csv' || key === 'rejects.csv')
      ? { kind: 'answer', answer: { ...s3Error(200, 'InternalError') } }
      : undefined,
};

t.test('a store that fails or returns false answers', { skip }, async (t) => {
  const fixture = await makeFaultFixture(t);
  const { proxy, query, random } = fixture;
  const changes = openChanges(fixture, 60);
  await changes.fill();
  const ingestor = await fixture.ingestor('ingestor');
  ingestor.start();
  query.start();
  await fixture.untilMirrored('at the start');

  for (let round = 1; round <= rounds(1, 5); round++) {
    for (const [what, rule] of Object.entries(FAULTS)) {
      const buckets = random.pick([
        [fixture.sourceBucket],
        [fixture.processedBucket],
        [fixture.sourceBucket, fixture.processedBucket],
      ]);
      proxy.takeHits();
      proxy.use((request) => (buckets.includes(request.bucket) ? rule(request) : undefined));
      const fresh = new Set([`new${round}${Object.keys(FAULTS).indexOf(what)}`]);
      for (const id of fresh) await changes.put(id);
      for (let i = 0; i < 5; i++) await changes.one();
      await fixture.post();
      const output = fs.readFileSync(fixture.processed('output.csv'), 'utf8');
      t.same(changes.lies(output, fresh), [], `${what}: nothing is invented or lost meanwhile`);
      const hits = proxy.takeHits();
      proxy.use(undefined);
      // What a run took for the fault of single objects is read again at the next listing.
      await fixture.post();
      await fixture.untilMirrored(`${what} (${hits} answers), healed`);
      fixture.checkLineage();
      t.equal(ingestor.isRunning() && query.isRunning(), true, `${what}: both services live`);
    }
  }
});

t.test('one object that cannot be read', { skip }, async (t) => {
  const fixture = await makeFaultFixture(t);
  const { proxy, query } = fixture;
  const changes = openChanges(fixture, 20);
  await changes.fill();
  const ingestor = await fixture.ingestor('ingestor');
  ingestor.start();
  query.start();
  await fixture.untilMirrored('at the start');
  const cases: [string, Fault][] = [
    ['archived', { kind: 'answer', answer: s3Error(403, 'InvalidObjectState') }],
    ['encrypted', { kind: 'answer', answer: s3Error(400, 'InvalidRequest') }],
    ['broken', { kind: 'answer', answer: s3Error(500, 'InternalError') }],
    ['forbidden', { kind: 'answer', answer: s3Error(403, 'AccessDenied') }],
  ];
  for (const [what, fault] of cases) {
    proxy.use(({ key }) => (key === `${what}.csv` ? fault : undefined));
    await changes.put(what);
    await changes.put('1005');
    const { status, body } = await fixture.post();
    t.equal(status, 200, `${what}: the run succeeds`);
    const rejects = await (await fetch(`${query.url}/rejects`)).json();
    t.match(
      rejects,
      [{ key: `${what}.csv`, reason: 'unreadable', kept_previous: false }],
      `${what}: it is a reject`,
    );
    t.match(body, { status: 'succeeded' });
    proxy.use(undefined);
    await fixture.post();
    await fixture.untilMirrored(`${what}: read at the next listing`);
  }
});
