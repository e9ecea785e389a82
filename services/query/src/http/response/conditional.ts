import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { type TSchema, Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import { cut } from '../../errors/truncate.ts';
import type { AppDeps } from '../context.ts';
import type { Reply, Request } from '../fastify-scope.ts';
import { clientGone } from './client-gone.ts';
import { tagAtHand } from './etag.ts';
import { Problem } from './problem-details.ts';

/** Names the generation an answer comes from. */
export const GENERATION_HEADER = 'landfall-generation';

/** What an answer depends on that comes in several formats and codings. */
export const VARY = 'accept, accept-encoding';

/**
 * Answers by 304 a client that says it has the answer already; that costs no SQL.
 *
 * @param tags of all codings that the answer may have
 * @returns whether it was; then there is nothing more to do
 */
export function isAnswered(
  request: Request,
  reply: Reply,
  manifest: Manifest,
  tags: readonly string[],
): boolean {
  const atHand = tagAtHand(request.headers['if-none-match'], tags);
  if (atHand === undefined) return false;
  if (tags.length > 1) reply.header('vary', VARY);
  stamp(reply, manifest, atHand).code(304).send();
  return true;
}

/**
 * Says of an answer which generation it comes from, and which answer it is. A cache may keep it, and asks each time
 * whether it is still good (RFC 9111, 5.2.2.4).
 */
export function stamp(reply: Reply, manifest: Manifest, tag: string): Reply {
  return reply
    .header(GENERATION_HEADER, manifest.generation)
    .header('cache-control', 'no-cache')
    .header('etag', tag);
}

/** The query parameter of a client that knows of a generation, from its own run, say, and wants no older one. */
export const minGeneration = Type.Optional(
  Type.Integer({ minimum: 1, description: 'waits, some seconds at most, until this generation is served' }),
);
/** The query parameter of a client that wants a generation that is not the newest any more. */
export const generationParameter = Type.Optional(
  Type.Integer({ minimum: 1, description: 'as of this generation (default: the newest); see /generations' }),
);

/**
 * Waits until a generation, or a later one, is served here; no longer than its client, or the service, is there.
 *
 * @returns undefined when there is nothing to wait for
 * @throws ApiError generation_not_reached when that takes too long; too_busy
 */
export function untilServed(
  deps: AppDeps,
  generation: number | undefined,
  reply: Reply,
): Promise<void> | undefined {
  const served = deps.dataSet.generations.current()?.generation ?? 0;
  return generation === undefined || generation <= served ? undefined : waitFor(deps, generation, reply);
}

async function waitFor(
  { dataSet, follower, generationWaitMs, limits, stopping, log }: AppDeps,
  generation: number,
  reply: Reply,
): Promise<void> {
  const { generations } = dataSet;
  if (generations.waiters() >= limits.generationWaiters) {
    throw new ApiError('too_busy', 'Too many requests wait for a generation.');
  }
  // The event may have been lost; should looking fail, it is looked again before long.
  follower.look().catch((err) => log.warn({ err }, 'what is published could not be loaded'));
  const ends = AbortSignal.any([stopping, clientGone(reply)]);
  if (await generations.reached(generation, generationWaitMs, ends)) return;
  const newest = generations.current()?.generation;
  throw new ApiError('generation_not_reached', `Generation ${generation} is not served here yet.`, {
    newest,
  });
}

/** A route's possible errors, for the API's description. Any route may be too busy, or stopping. */
export function problems(...statuses: number[]) {
  return Object.fromEntries(
    [...new Set([...statuses, 503])].map((status) => [
      status,
      {
        description: DESCRIPTIONS[status] ?? 'An error',
        content: { 'application/problem+json': { schema: Problem } },
      },
    ]),
  );
}

/** An answer that is sent as bytes: described, but not made by its schema. */
export function streamed(description: string, schemas: Record<string, TSchema>): object {
  const content = Object.entries(schemas).map(([type, schema]) => [type, { schema }]);
  return { description, content: Object.fromEntries(content) };
}

const DESCRIPTIONS: Record<number, string> = {
  400: 'A parameter is unknown or not valid',
  404: 'Not found',
  406: 'None of the formats is accepted',
  410: 'The generation is not kept any more: start again with the newest',
  502: 'The run failed; its report is in `run`',
  503: 'Not now: no data set yet, too many requests, or a service that is needed is away',
  504: 'The object store did not answer in time',
};

/** What is answered when nothing has changed since (`If-None-Match`). */
export const notModified = { 304: { type: 'null', description: 'The client has it already' } };

/** The path parameter of a user. */
export const UserParams = Type.Object({ user_id: Type.String() });

/** Ids are stored in NFC, whatever form a client has. */
export const userIdIn = (params: { user_id: string }): string => params.user_id.normalize('NFC');

/** How much of an id an error shows, characters. */
const MAX_SHOWN_ID = 100;

export const userNotFound = (userId: string): ApiError =>
  new ApiError('user_not_found', `There is no user ${cut(JSON.stringify(userId), MAX_SHOWN_ID)}.`);
