import { MS_PER_DAY, utcDay } from '@landfall/contracts/dataset/age';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { rowSchema } from '@landfall/contracts/dataset/row-schema';
import { USERS } from '@landfall/contracts/dataset/users';
import { type Static, Type } from 'typebox';
import type { RowQuery } from '../../search/rows.ts';
import { parseSortOrder, sortOrderNames } from '../../search/sort-order.ts';
import { countMatching } from '../../statistics/day-counts.ts';
import { dayFilterOf } from '../../statistics/day-filter.ts';
import type { ApiContext } from '../context.ts';
import type { Reply, Request, Scope } from '../fastify-scope.ts';
import { type Cursor, encodeCursor } from '../request/cursor.ts';
import { filterParameters, readFilter } from '../request/filter-parameters.ts';
import { generationParameter, minGenerationParameter } from '../request/generation-parameters.ts';
import { canonicalQuery, nextPageLink, readPageCursor } from '../request/pagination.ts';
import { disconnectSignal } from '../response/disconnect-signal.ts';
import { etagsFor } from '../response/etag.ts';
import {
  FORMATS,
  type Format,
  formatParameter,
  frameStream,
  frameWhole,
  mediaType,
  negotiateFormat,
} from '../response/formats.ts';
import { freeBuffer } from '../response/free-buffer.ts';
import { notModifiedResponse, problemResponses, streamedResponse } from '../response/openapi.ts';
import { replyNotModified } from '../response/reply-not-modified.ts';
import { sendText, sendWhole } from '../response/send-body.ts';
import { waitForGeneration } from '../response/wait-for-generation.ts';

const MAX_LIMIT = 10_000;
const FORMATS_HERE = ['json', 'ndjson', 'csv'] as const;

const DataQuery = Type.Object(
  {
    ...filterParameters,
    sort: Type.Optional(
      Type.Enum(sortOrderNames(USERS), {
        description: 'by which field, descending with `-` before it (default: user_id); ties by user_id',
      }),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_LIMIT, description: 'so many at most (default: all of them)' }),
    ),
    cursor: Type.Optional(
      Type.String({ description: 'leads to the next page, of the same generation; the header Link has it' }),
    ),
    count: Type.Optional(
      Type.Boolean({ description: 'on `true` the header X-Total-Count says how many match' }),
    ),
    format: formatParameter(...FORMATS_HERE),
    generation: generationParameter,
    min_generation: minGenerationParameter,
  },
  { additionalProperties: false },
);

/** A request that was understood. */
interface Asked {
  query: Static<typeof DataQuery>;
  question: RowQuery;
  /** The same text for the same question: what a cursor is for. */
  questionText: string;
  format: Format;
  /** The clock that ages are counted at, ms since 1970 UTC. */
  now: number;
  cursor: Cursor | undefined;
}

/** The users that match. */
export function dataRoutes(app: Scope, deps: ApiContext): void {
  const { dataSet, clock } = deps;
  const { generations } = dataSet;
  const schema = {
    summary: 'The users that match, ordered by user_id or another field',
    description:
      'As JSON, NDJSON or CSV, by `Accept` or `format`. With `limit`, the header `Link` leads to the next page: of ' +
      'the same generation, and with ages of the same day, whatever comes meanwhile.',
    tags: ['data'],
    querystring: DataQuery,
    response: {
      200: streamedResponse('The users', {
        'application/json': Type.Array(rowSchema(USERS)),
        [mediaType('ndjson')]: rowSchema(USERS),
        [mediaType('csv')]: Type.String(),
      }),
      ...notModifiedResponse,
      ...problemResponses(400, 404, 406, 410, 503),
    },
  };
  app.get('/data', { schema }, async (request, reply) => {
    const { query } = request;
    const asked = understand(request, query);
    // What is wrong already is no better later.
    if (query.min_generation !== undefined && isDecided(asked)) pin(asked);
    await waitForGeneration(deps, query.min_generation, reply);
    return await generations.readAt(pin(asked) ?? 'newest', (at) => answer(request, reply, at, asked));
  });

  function understand(request: Request, query: Static<typeof DataQuery>): Asked {
    const format = negotiateFormat(request, query.format, FORMATS_HERE);
    const questionText = canonicalQuery(query);
    const cursor = readPageCursor(query, questionText);
    const now = cursor ? cursor.day * MS_PER_DAY : clock();
    const question = {
      filter: readFilter(query, now),
      order: parseSortOrder(USERS, query.sort),
      from: cursor?.from,
    };
    return { query, question, questionText, format, now, cursor };
  }

  /** Whether the generation that a request names is served by now, or was. */
  function isDecided({ query, cursor }: Asked): boolean {
    const named = cursor?.generation ?? query.generation;
    return named !== undefined && named <= (generations.current()?.generation ?? 0);
  }

  /** @returns the generation that a request is about; undefined for the newest */
  function pin({ query, cursor }: Asked): Manifest | undefined {
    if (!cursor) return query.generation === undefined ? undefined : generations.byNumber(query.generation);
    const pinned = generations.byCursor(cursor);
    generations.markUsed(pinned, clock());
    return pinned;
  }

  async function answer(request: Request, reply: Reply, at: Manifest, asked: Asked): Promise<Reply> {
    const { query, question, format, now } = asked;
    const day = question.filter.dependsOnDay ? now : undefined;
    const tags = etagsFor(at, { path: '/data', query, format, day });
    if (replyNotModified(request, reply, at, [tags.identity, tags.gzip])) return reply;

    const gone = disconnectSignal(reply);
    const page = query.limit === undefined ? undefined : await onePage(reply, at, asked, query.limit, gone);
    if (query.count) {
      const born = await dataSet.dayCounts(at, question.filter, gone);
      reply.header('x-total-count', countMatching(born, dayFilterOf(USERS, question.filter)));
    }
    reply.type(FORMATS[format].type);
    if (page) return await sendWhole(request, reply, at, tags, page);
    return await sendText(request, reply, at, tags, frameStream(all(at, asked, gone), format));
  }

  /** The text of all that match. */
  async function* all(at: Manifest, asked: Asked, gone: AbortSignal): AsyncGenerator<Buffer> {
    const pieces = usersOf(at, asked, Number.POSITIVE_INFINITY, gone);
    for await (const { text } of generations.keepWhileReading(at, clock, pieces)) yield text;
  }

  /** The text of a page; when there is another one, the header Link says so. */
  async function onePage(
    reply: Reply,
    at: Manifest,
    asked: Asked,
    limit: number,
    gone: AbortSignal,
  ): Promise<Buffer> {
    const { query, questionText, now, format } = asked;
    const texts: Buffer[] = [];
    for await (const { text, rows, next } of usersOf(at, asked, limit, gone)) {
      if (rows > 0) texts.push(text);
      if (next === undefined) continue;
      generations.markUsed(at, clock());
      const cursor = encodeCursor(at, utcDay(now), next, questionText);
      reply.header('link', nextPageLink('/data', query, cursor));
    }
    const whole = frameWhole(texts, format);
    texts.forEach(freeBuffer);
    return whole;
  }

  const usersOf = (at: Manifest, { question, format }: Asked, limit: number, gone: AbortSignal) =>
    dataSet.rows(at, question, format, limit, gone);
}
