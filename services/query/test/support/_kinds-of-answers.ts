import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import type { Test } from 'tap';
import { usersNamed } from './_generation.ts';
import { makeService } from './_service.ts';

/** So many rows are streamed, and a page of them is not. */
const USERS = 2_000;

/** A service with users and the image of one of them, 100001. */
export async function serviceWithImage(t: Test, changes: Parameters<typeof makeService>[1] = {}) {
  const service = await makeService(t, changes);
  await service.store.createBucket('src-data');
  await service.store.put('src-data', '100001.png', Buffer.from('abc'));
  await service.publish(1, usersNamed('x', USERS));
  return service;
}

/** A request, and the status of its answer. */
export type Case = readonly [
  what: string,
  status: number,
  method: string,
  target: string,
  headers?: OutgoingHttpHeaders,
];

/** The headers of an answer. Its body is not read: an event stream has no end. */
export async function headersOf(
  t: Test,
  address: string,
  [what, status, method, target, headers = {}]: Case,
): Promise<IncomingHttpHeaders> {
  const request = http.request(address, { method, path: target, headers, agent: false }).end();
  const [response]: http.IncomingMessage[] = await once(request, 'response');
  t.equal(response?.statusCode, status, what);
  // To read it is enough where it ends; the rest is cut off.
  response?.on('error', () => undefined).destroy();
  return response?.headers ?? {};
}

/** One request for each way in which an answer is made and sent. */
export async function kindsOfAnswers(t: Test, address: string): Promise<Case[]> {
  const etagOf = async (target: string) =>
    (await headersOf(t, address, [target, 200, 'GET', target])).etag ?? '';
  const unchanged = async (target: string) => ({ 'if-none-match': await etagOf(target) });
  return [
    ['rows', 200, 'GET', '/data?limit=2'],
    ['rows, from the cache', 200, 'GET', '/data?limit=2'],
    ['rows, from the cache, HEAD', 200, 'HEAD', '/data?limit=2'],
    ['304, from the cache', 304, 'GET', '/data?limit=2', await unchanged('/data?limit=2')],
    [
      '304, with another Accept',
      304,
      'GET',
      '/data?limit=2',
      { ...(await unchanged('/data?limit=2')), accept: '*/*' },
    ],
    ['rows in several chunks', 200, 'GET', '/data'],
    ['rows, compressed', 200, 'GET', '/data', { 'accept-encoding': 'gzip' }],
    ['one row', 200, 'GET', '/data/100001'],
    ['an image', 200, 'GET', '/data/100001/image'],
    ['an image, HEAD', 200, 'HEAD', '/data/100001/image'],
    ['a part of an image', 206, 'GET', '/data/100001/image', { range: 'bytes=0-1' }],
    ['304 of an image', 304, 'GET', '/data/100001/image', await unchanged('/data/100001/image')],
    ['statistics', 200, 'GET', '/stats'],
    ['events', 200, 'GET', '/events'],
    ['health', 200, 'GET', '/healthz'],
    ['ready', 200, 'GET', '/readyz'],
    ['the page', 200, 'GET', '/'],
    ['304 of the page', 304, 'GET', '/', await unchanged('/')],
    ['a script', 200, 'GET', '/assets/main.js'],
    ['documentation', 200, 'GET', '/docs'],
    ['a file of the documentation', 200, 'GET', '/docs/static/swagger-ui.css'],
    ['the description', 200, 'GET', '/openapi.json'],
    ['the methods', 204, 'OPTIONS', '/data'],
    ['a bad parameter', 400, 'GET', '/data?x=y'],
    ['a bad target', 400, 'GET', '*'],
    ['an unknown address', 404, 'GET', '/nothing'],
    ['a wrong method', 405, 'PATCH', '/data'],
    ['a long address', 414, 'GET', `/data/${'x'.repeat(4_000)}`],
    ['an expectation', 417, 'GET', '/data', { expect: 'a cake' }],
    ['long headers', 431, 'GET', '/data', { x: 'x'.repeat(70_000) }],
    ['no ingestor', 503, 'POST', '/data'],
    ['another site', 403, 'POST', '/data', { 'sec-fetch-site': 'cross-site' }],
    ['another host', 421, 'GET', '/data?limit=2', { host: 'other.example' }],
  ];
}
