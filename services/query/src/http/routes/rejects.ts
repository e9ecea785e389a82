import { rejectsHeader } from '@landfall/contracts/dataset/reject-codec';
import { rejectSchema } from '@landfall/contracts/dataset/reject-schema';
import { USERS } from '@landfall/contracts/dataset/users';
import { Type } from 'typebox';
import type { AppDeps } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { clientGone } from '../response/client-gone.ts';
import {
  isAnswered,
  minGeneration,
  notModified,
  problems,
  streamed,
  untilServed,
} from '../response/conditional.ts';
import { tagsOf } from '../response/etag.ts';
import { FORMATS, formatFor, formatParameter, mediaType, textOf, textsOf } from '../response/formats.ts';
import { sendText } from '../response/send-body.ts';

const FORMATS_HERE = ['json', 'csv'] as const;

const RejectsQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, description: 'so many at most (default: all of them)' }),
    ),
    format: formatParameter(...FORMATS_HERE),
    min_generation: minGeneration,
  },
  { additionalProperties: false },
);

/** What is wrong in the source bucket now. */
export function rejectRoutes(app: Scope, deps: AppDeps): void {
  const { dataSet, clock } = deps;
  const { generations } = dataSet;
  const schema = {
    summary: 'The record objects that can’t be used now, and why',
    description: 'As JSON, or as CSV, which is rejects.csv.',
    tags: ['data'],
    querystring: RejectsQuery,
    response: {
      200: streamed('What is wrong', {
        'application/json': Type.Array(rejectSchema(USERS)),
        [mediaType('csv')]: Type.String(),
      }),
      ...notModified,
      ...problems(400, 406, 503),
    },
  };
  app.get('/rejects', { schema }, async (request, reply) => {
    const { query } = request;
    const format = formatFor(request, query.format, FORMATS_HERE);
    await untilServed(deps, query.min_generation, reply);
    return await generations.read(undefined, async (at) => {
      const tags = tagsOf(at, { path: '/rejects', query, format, day: undefined });
      if (isAnswered(request, reply, at, [tags.identity, tags.gzip])) return reply;
      reply.type(FORMATS[format].type);
      const { limit = Number.POSITIVE_INFINITY } = query;
      const rejects = dataSet.rejects(at, format, limit, clientGone(reply));
      const texts = textsOf(generations.whileInUse(at, clock, rejects));
      const header = rejectsHeader(USERS);
      return await sendText(request, reply, at, tags, textOf(texts, format, header));
    });
  });
}
