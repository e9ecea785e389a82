import { Type } from 'typebox';
import type { AppDeps } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { ChangeSchema } from '../response/change.ts';
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

const FORMATS_HERE = ['json', 'ndjson'] as const;

const ChangesQuery = Type.Object(
  {
    since: Type.Integer({ minimum: 1, description: 'the generation one has' }),
    format: formatParameter(...FORMATS_HERE),
    min_generation: minGeneration,
  },
  { additionalProperties: false },
);

/** What has changed, for those who follow the data set without asking for all of it. */
export function changeRoutes(app: Scope, deps: AppDeps): void {
  const { dataSet, clock } = deps;
  const { generations } = dataSet;
  const schema = {
    summary: 'What was added, updated and removed since a generation',
    description:
      'Each user who is otherwise now, once, as JSON or NDJSON. The header `Landfall-Generation` says up to which ' +
      'generation that goes: the next `since`.',
    tags: ['data'],
    querystring: ChangesQuery,
    response: {
      200: streamed('The changes', {
        'application/json': Type.Array(ChangeSchema),
        [mediaType('ndjson')]: ChangeSchema,
      }),
      ...notModified,
      ...problems(400, 404, 406, 410, 503),
    },
  };
  app.get('/changes', { schema }, async (request, reply) => {
    const { query } = request;
    const format = formatFor(request, query.format, FORMATS_HERE);
    await untilServed(deps, query.min_generation, reply);
    const since = generations.at(query.since);
    return await generations.read(undefined, async (at) => {
      const tags = tagsOf(at, { path: '/changes', query, format, day: undefined });
      if (isAnswered(request, reply, at, [tags.identity, tags.gzip])) return reply;
      // As long as the older one stays, so does the newer one.
      const changes = dataSet.changes(since, at, format, clientGone(reply));
      reply.type(FORMATS[format].type);
      return await sendText(
        request,
        reply,
        at,
        tags,
        textOf(textsOf(generations.whileInUse(since, clock, changes)), format),
      );
    });
  });
}
