import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { User } from '@landfall/contracts/dataset/users';
import { STREAMS } from '@landfall/contracts/messages/events';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { directoryStore } from '@landfall/object-store/directory-store';
import { makeLogger } from '@landfall/process/logger';
import type { Test } from 'tap';
import { type Query, type QueryDeps, startQuery } from '../../src/start.ts';
import type { UserReject } from './_generation.ts';
import { type MadeGeneration, makeGeneration, publishTo } from './_generation.ts';

/** 2026-06-01, noon UTC. */
export const NOON = Date.UTC(2026, 5, 1, 12);

/** A response as received. */
export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  text: string;
  json: unknown;
}

export type Service = Awaited<ReturnType<typeof makeService>>;

/** A query service on a folder store, with its own clock. The test publishes what it serves. */
export async function makeService(t: Test, changes: Partial<QueryDeps> = {}) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-query-'));
  const store = directoryStore(root);
  await store.createBucket('processed-data');
  const time = { now: NOON };
  const bus = inProcessBus({ streams: STREAMS, onError: (error) => t.error(error) });
  const query: Query = await startQuery({
    store,
    bus,
    processedBucket: 'processed-data',
    stateDir: path.join(root, 'state'),
    host: '127.0.0.1',
    port: 0,
    keepGenerations: 10,
    runWaitMs: 1_000,
    generationWaitMs: 10_000,
    cacheBytes: 64 * 2 ** 20,
    clock: () => time.now,
    log: makeLogger('test', 'silent'),
    ...changes,
  });
  let isStopped = false;
  async function stop(): Promise<void> {
    if (isStopped) return;
    isStopped = true;
    await query.stop();
    fs.rmSync(root, { recursive: true, force: true });
  }
  t.teardown(stop);
  const put = (made: MadeGeneration) => publishTo(store, 'processed-data', made);

  return {
    address: query.address,
    databaseFile: path.join(root, 'state', 'data-set.sqlite'),
    store,
    bus,
    time,
    /** How often each limit was reached. */
    hits: query.limitHits,
    /** Publishes a generation, created now, and waits until it is served. */
    async publish(generation: number, users: User[], rejects: UserReject[] = []): Promise<MadeGeneration> {
      const made = makeGeneration(generation, users, rejects);
      made.manifest.created_at = new Date(time.now).toISOString();
      await put(made);
      await query.syncNow();
      return made;
    },
    /** Publishes a generation without an event. */
    put,
    syncNow: query.syncNow,
    /** Stops the service before the end of the test. */
    stop,
    ask: (target: string, headers: http.OutgoingHttpHeaders = {}, method = 'GET') =>
      askAt(query.address + target, headers, method),
  };
}

async function askAt(url: string, headers: http.OutgoingHttpHeaders, method: string): Promise<Answer> {
  const request = http.request(url, { headers, method }).end();
  const [response]: http.IncomingMessage[] = await once(request, 'response');
  if (!response) throw new Error('no response');
  const body = await buffer(response);
  const text = body.toString();
  const isJson =
    /json(;|$)/.test(response.headers['content-type'] ?? '') && !response.headers['content-encoding'];
  const json = isJson && text !== '' && !text.endsWith('\n') ? JSON.parse(text) : undefined;
  return { status: response.statusCode ?? 0, headers: response.headers, body, text, json };
}

/** The target of `Link: rel="next"`. */
export function nextOf({ headers }: Answer): string | undefined {
  return /^<(\/[^>]+)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1];
}

/** The ids of the users in a response. */
export const ids = (json: unknown): unknown =>
  Array.isArray(json) ? json.map(({ user_id: id }) => id) : json;
