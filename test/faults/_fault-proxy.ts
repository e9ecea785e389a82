import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request to the S3 server, as far as a rule needs to know it. */
export interface S3Request {
  method: string;
  bucket: string;
  /** Decoded; empty for the bucket itself. */
  key: string;
  isListing: boolean;
}

/** An answer that a rule may change before it is sent. */
export interface S3Answer {
  status: number;
  /** Names in lower case. `content-length` is set to the length of `body` unless a rule sets it. */
  headers: Record<string, string>;
  body: Buffer;
}

/** What the proxy does with a request. */
export type Fault =
  /** Closes the connection without an answer. */
  | { kind: 'refuse' }
  /** Takes the request and never answers. */
  | { kind: 'hang' }
  | { kind: 'delay'; ms: number }
  /** Sends the start of the answer, then closes the connection. */
  | { kind: 'cut'; share: number }
  /** Passes the request on and sends another answer. */
  | { kind: 'lie'; change: (answer: S3Answer) => S3Answer }
  /** Answers without asking the server. */
  | { kind: 'answer'; answer: S3Answer }
  /** Passes the request on, then closes the connection: the client does not learn that it succeeded. */
  | { kind: 'lose-answer' };

/** Decides about each request; undefined passes it on unchanged. */
export type FaultRule = (request: S3Request) => Fault | undefined;

export interface FaultProxy {
  /** Where the services reach the store. */
  endpoint: string;
  /** Replaces the rule. */
  use: (rule: FaultRule | undefined) => void;
  /** How many requests a rule changed since the last call. */
  takeHits: () => number;
  stop: () => Promise<void>;
}

/** A proxy in front of an S3 server that delays, truncates, refuses and falsifies answers. Requests pass unchanged. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const agent = new http.Agent({ keepAlive: true });
  let rule: FaultRule | undefined;
  let hits = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = rule?.(describe(request));
    if (fault) hits++;
    if (fault?.kind === 'refuse') return void request.socket.destroy();
    if (fault?.kind === 'hang') return void request.resume();
    if (fault?.kind === 'answer') {
      request.resume();
      return send(response, fault.answer);
    }
    if (fault?.kind === 'delay') await sleep(fault.ms);
    const answer = await forward(request);
    if (fault?.kind === 'lose-answer') return void request.socket.destroy();
    if (fault?.kind === 'lie') return send(response, fault.change(answer), request.method);
    if (fault?.kind === 'cut') {
      response.writeHead(answer.status, answer.headers);
      response.write(answer.body.subarray(0, Math.floor(answer.body.length * fault.share)));
      await sleep(5);
      return void request.socket.destroy();
    }
    send(response, answer, request.method);
  }

  async function forward(request: IncomingMessage): Promise<S3Answer> {
    const upstream = http.request({
      agent,
      host: hostname,
      port,
      method: request.method,
      path: request.url,
      headers: request.headers,
      setHost: false,
    });
    request.pipe(upstream);
    const [answer]: IncomingMessage[] = await once(upstream, 'response');
    if (!answer) throw new Error('no answer');
    const body = Buffer.concat(await answer.toArray());
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(answer.headers)) {
      if (name !== 'transfer-encoding' && name !== 'connection') headers[name] = String(value);
    }
    return { status: answer.statusCode ?? 502, headers, body };
  }

  const server = http.createServer((request, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    // The server behind the proxy is unreachable.
    serve(request, response).catch(() => request.socket.destroy());
  });
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    use(next) {
      rule = next;
    },
    takeHits() {
      const taken = hits;
      hits = 0;
      return taken;
    },
    async stop() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, { status, headers, body }: S3Answer, method = 'GET'): void {
  if (method === 'HEAD' || status === 204 || status === 304) {
    response.writeHead(status, headers).end();
    return;
  }
  response.writeHead(status, {
    ...headers,
    'content-length': headers['content-length'] ?? String(body.length),
  });
  response.end(body);
}

function describe({ method = 'GET', url = '/' }: IncomingMessage): S3Request {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const [, bucket = '', ...rest] = pathname.split('/');
  const key = decodeURIComponent(rest.join('/'));
  return { method, bucket, key, isListing: key === '' && searchParams.get('list-type') === '2' };
}
