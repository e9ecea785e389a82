import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Test } from 'tap';
import { s3Store } from '../s3-store.ts';
import type { S3Deadlines } from './requests/deadlines.ts';

/** The handler of one request. */
export type Act = (request: IncomingMessage, response: ServerResponse) => void;

/** Short enough for tests that wait for them. */
export const TEST_DEADLINES: S3Deadlines = {
  connectMs: 500,
  answerMs: 500,
  pieceMs: 500,
  attemptMs: 2_000,
  callMs: 3_000,
  copyMs: 0,
  firstWaitMs: 1,
};

/** Starts a scripted S3 server. It answers location requests; `act` handles all others. */
export async function scriptedS3(t: Test, act: Act, deadlines: S3Deadlines = TEST_DEADLINES) {
  const seen: string[] = [];
  const warnings: string[] = [];
  const server = http.createServer((request, response) => {
    if (request.url?.includes('location=')) return void answer(200, LOCATION)(request, response);
    seen.push(`${request.method} ${request.url}`);
    act(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(async () => {
    server.closeAllConnections();
    if (server.listening) await once(server.close(), 'close');
  });
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const access = { endpoint, accessKey: 'key', secretKey: 'secret' };
  const store = s3Store(access, { onWarning: (message) => warnings.push(message), deadlines });
  return { store, access, seen, warnings };
}

const LOCATION = '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>';

export const answer =
  (status: number, body: string | Buffer = '', headers: http.OutgoingHttpHeaders = {}): Act =>
  (_request, response) =>
    response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);

/** An object as S3 answers with it. */
export const object = (content: string, headers: http.OutgoingHttpHeaders = { etag: '"abc"' }): Act =>
  answer(200, content, headers);

export const refusal = (status: number, code: string, message = 'no'): Act =>
  answer(status, `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);

export const hangUp: Act = (request) => request.socket.destroy();
export const silent: Act = () => undefined;

/** Uses one handler per request; the last one for all further requests. */
export function inTurn(...acts: [Act, ...Act[]]): Act {
  let i = 0;
  return (request, response) => (acts[Math.min(i++, acts.length - 1)] ?? silent)(request, response);
}

/** A page of a listing. */
export const page = (inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</ListBucketResult>`;

/** An object of a page. */
export const contents = (key: string, { size = '7', etag = '&quot;abc&quot;' } = {}): string =>
  `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified><ETag>${etag}</ETag><Size>${size}</Size></Contents>`;

export const LAST = '<IsTruncated>false</IsTruncated>';
export const more = (token: string): string =>
  `<IsTruncated>true</IsTruncated><NextContinuationToken>${token}</NextContinuationToken>`;
