import type { AppDeps } from '../app.ts';
import { FilterQuery, readFilter } from '../filters.ts';
import { Stats } from '../stats.ts';
import { problems, stamp } from './answer.ts';
import type { Scope } from './scope.ts';

/** Figures about the users that match. */
export function statsRoutes(app: Scope, { dataSet, clock }: AppDeps): void {
  const schema = {
    summary: 'Figures about the users that match',
    tags: ['data'],
    querystring: FilterQuery,
    response: { 200: Stats, ...problems(400, 503) },
  };
  app.get('/stats', { schema }, async (request, reply) => {
    const now = clock();
    const { manifest, value } = dataSet.stats(readFilter(request.query, now), now);
    stamp(reply, manifest, { path: '/stats', query: request.query, day: now });
    return value;
  });
}
