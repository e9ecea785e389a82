import type { Definition } from '@landfall/contracts/dataset/definition';
import { type TSchema, Type } from 'typebox';
import { type HistogramSubject, histogramSubjects } from '../../statistics/histogram-subject.ts';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { filterParameters } from '../request/filter-parameters.ts';
import { generationParameter, minGenerationParameter } from '../request/generation-parameters.ts';
import { ERROR_HINT } from '../request/query-string.ts';
import { readFilter } from '../request/read-filter.ts';
import { disconnectSignal } from '../response/disconnect-signal.ts';
import { etagsFor } from '../response/etag.ts';
import { FORMATS } from '../response/formats.ts';
import { setGenerationHeaders } from '../response/generation-headers.ts';
import { notModifiedResponse, problemResponses } from '../response/openapi.ts';
import { replyNotModified } from '../response/reply-not-modified.ts';
import { statsBody } from '../response/stats-body.ts';
import { statsSchema } from '../response/stats-schema.ts';
import { waitForGeneration } from '../response/wait-for-generation.ts';

const statsQuerySchema = (definition: Definition) =>
  Type.Object(
    {
      ...filterParameters(definition),
      ...histogramParameter(definition),
      generation: generationParameter,
      min_generation: minGenerationParameter,
    },
    { additionalProperties: false },
  );

/** The parameter `histogram`; none when nothing can be counted by. */
function histogramParameter(definition: Definition): Record<string, TSchema> {
  const subjects = [...histogramSubjects(definition).keys()];
  if (subjects.length === 0) return {};
  if (subjects.length === 1 && subjects[0] === 'true') {
    return { histogram: Type.Optional(Type.Boolean({ description: '`true`: adds the member `histogram`' })) };
  }
  const first = histogramSubjects(definition).get('true');
  const meaning = first ? `\`true\` is the first derived statistic, ${first.name}; ` : '';
  const options = {
    description: `adds the member \`histogram\`: the rows by this value; ${meaning}\`false\` means none`,
    ...(first ? {} : { [ERROR_HINT]: '`true` needs a derived value in `statistics`' }),
  };
  return { histogram: Type.Optional(Type.Enum([...subjects, 'false'], options)) };
}

/** @param value of the parameter `histogram` */
const subjectOf = (definition: Definition, value: unknown): HistogramSubject | undefined =>
  histogramSubjects(definition).get(String(value));

/** `GET /stats`: statistics of the rows that match. */
export function statsRoutes(app: Scope, context: ApiContext): void {
  const { dataSet, clock, definition } = context;
  const { generations } = dataSet;
  const schema = {
    operationId: 'getStats',
    summary: `Get statistics of the ${definition.name} that match`,
    tags: ['data'],
    querystring: statsQuerySchema(definition),
    response: {
      200: statsSchema(definition),
      ...notModifiedResponse,
      ...problemResponses(definition, 400, 404, 410, 503),
    },
  };
  // The definition may name other statistics for the same generation. ETags of the usual ones stay valid.
  const { statistics, derived } = definition;
  const isUsual = statistics.length === 1 && statistics[0] === derived[0]?.name;
  const format = isUsual ? undefined : JSON.stringify(statistics);
  app.get('/stats', { schema }, async (request, reply) => {
    const { query } = request;
    const now = clock();
    const filter = readFilter(definition, query, now);
    await waitForGeneration(context, query.min_generation, reply);
    const pinned = query.generation === undefined ? undefined : generations.byNumber(query.generation);
    return await generations.readAt(pinned ?? 'newest', async (at) => {
      const { identity } = etagsFor(at, { path: '/stats', query, format, day: now });
      if (replyNotModified(request, reply, at, [identity])) return reply;
      const histogram = 'histogram' in query ? subjectOf(definition, query.histogram) : undefined;
      const summary = await dataSet.summary(at, filter, histogram, now, () => disconnectSignal(reply));
      setGenerationHeaders(reply, at, identity);
      return reply.type(FORMATS.json.type).send(statsBody(definition, summary, histogram));
    });
  });
}
