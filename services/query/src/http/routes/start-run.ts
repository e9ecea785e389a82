import { withTimeout } from '@landfall/concurrency/with-timeout';
import { INGEST_RUN, parseRunAccepted, type RunRequest } from '@landfall/contracts/messages/events';
import { RunReport } from '@landfall/contracts/messages/run';
import { Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import { publicRun } from '../../monitoring/public-text.ts';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { disconnectSignal } from '../response/disconnect-signal.ts';
import { problemResponses } from '../response/openapi.ts';

/** How long the ingestor may take to say that it will, ms. */
const ACCEPT_WITHIN_MS = 5_000;

const RunQuery = Type.Object(
  {
    force: Type.Optional(
      Type.Boolean({ description: 'apply the removals that the removal guard holds back' }),
    ),
  },
  { additionalProperties: false },
);

const Accepted = Type.Object({
  run_id: Type.String(),
  location: Type.String({ description: 'where to ask how the run goes' }),
});

/** Asks the ingestor for a run. */
export function startRunRoutes(app: Scope, deps: ApiContext): void {
  const { bus, runs, follower, runWaitMs, limits, stopping, log } = deps;
  const schema = {
    summary: 'Runs an ingestion',
    description:
      '200 means that the run listed the whole bucket after the request came, that it succeeded, and that every ' +
      'later GET here sees what it found. 202, with `Location`, when it takes longer than 30 s, or at once with ' +
      '`Prefer: respond-async`. Removals that would leave less than half of over 100 users are held back, unless it is forced; ' +
      'a run that several share is, when any of them set `force`.',
    tags: ['runs'],
    headers: Type.Object({
      prefer: Type.Optional(Type.String({ description: '`respond-async` (RFC 7240)' })),
    }),
    querystring: RunQuery,
    response: { 200: RunReport, 202: Accepted, ...problemResponses(400, 502, 503) },
  };
  app.post('/data', { schema }, async (request, reply) => {
    const { force = false } = request.query;
    const accepted = await bus.request(INGEST_RUN, { force } satisfies RunRequest, ACCEPT_WITHIN_MS);
    const { run_id } = parseRunAccepted(accepted);
    const location = `/runs/${run_id}`;
    const accept = () => reply.code(202).header('location', location).send({ run_id, location });

    if (prefersAsync(request.headers.prefer)) {
      reply.header('preference-applied', 'respond-async');
      return accept();
    }
    const ends = AbortSignal.any([stopping, disconnectSignal(reply)]);
    const told = await runs.report(run_id, runWaitMs, ends);
    if (!told) return accept();
    const report = publicRun(told);
    if (report.status === 'failed') {
      throw new ApiError('run_failed', report.error ?? 'It is not known why.', { run: report });
    }
    try {
      const loaded = follower.syncNow().then(() => true);
      if (!(await withTimeout(limits.loadTimeoutMs, loaded, () => false, ends))) return accept();
    } catch (error) {
      log.warn({ err: error, run_id }, 'what the run published could not be loaded');
      throw new ApiError('not_loaded', 'The run succeeded, but is not served yet.', { run: report });
    }
    return reply.code(200).send(report);
  });
}

/** Whether `respond-async` is among the preferences of a Prefer header (RFC 7240). */
function prefersAsync(header: string | undefined): boolean {
  const preferences = (header ?? '').split(',').map((each) => each.split(';')[0]?.trim().toLowerCase());
  return preferences.includes('respond-async');
}
