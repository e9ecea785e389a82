import { withTimeout } from '@landfall/concurrency/with-timeout';
import { INGEST_RUN, parseRunAccepted, type RunRequest } from '@landfall/contracts/messages/events';
import { RunReport } from '@landfall/contracts/messages/run';
import { inSpan, messageAttributes } from '@landfall/tracing/span';
import { Type } from 'typebox';
import { hasScope } from '../../access/caller.ts';
import { ApiError } from '../../errors/api-error.ts';
import { publicRun } from '../../monitoring/public-text.ts';
import { forbiddenError } from '../access/access-errors.ts';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { openRunRate } from '../limits/run-rate.ts';
import { disconnectSignal } from '../response/disconnect-signal.ts';
import { problemResponses } from '../response/openapi.ts';
import { spanOf } from '../tracing/request-span.ts';

/** How long the ingestor may take to accept the request, ms. */
const ACCEPT_TIMEOUT_MS = 5_000;

const RunQuery = Type.Object(
  {
    force: Type.Optional(
      Type.Boolean({
        description: 'confirm a mass deletion (a run refuses to drop more than half of the rows)',
      }),
    ),
  },
  { additionalProperties: false },
);

const Accepted = Type.Object({
  run_id: Type.String(),
  location: Type.String({ description: 'address of the run’s progress and report' }),
});

/** `POST /data`: requests a run of the ingestor. */
export function startRunRoutes(app: Scope, deps: ApiContext): void {
  const { bus, definition, runs, follower, runWaitMs, limits, hits, clientOf, stopping, log } = deps;
  const rate = openRunRate(limits.runsPerMinute, hits);
  const schema = {
    operationId: 'startRun',
    summary: 'Run an ingestion',
    description:
      '200: the run listed the whole bucket after your request, it succeeded, and every later GET sees its result. 202, with ' +
      '`Location`: the run takes longer than 30 s, or you sent `Prefer: respond-async`. A run refuses to drop more than half ' +
      `of over 100 ${definition.name}; \`force=true\` confirms it. Requests may share a run: it is forced when one of them is.`,
    tags: ['runs'],
    headers: Type.Object({
      prefer: Type.Optional(Type.String({ description: '`respond-async` (RFC 7240)' })),
      traceparent: Type.Optional(
        Type.String({
          description:
            'the trace that the run continues (W3C Trace Context). When the service sends traces, every answer of the API names its ' +
            'span in the header `traceparent`, and continues the trace of its request',
        }),
      ),
    }),
    querystring: RunQuery,
    response: { 200: RunReport, 202: Accepted, ...problemResponses(definition, 400, 403, 502, 503) },
  };
  app.post('/data', { schema }, async (request, reply) => {
    const { force = false } = request.query;
    if (force && !hasScope(request.raw, 'force')) throw forbiddenError('force');
    rate.check(clientOf(request.raw));
    const span = spanOf(request.raw);
    const sent = span.child(`send ${INGEST_RUN}`, {
      kind: 'client',
      attributes: messageAttributes('send', INGEST_RUN),
    });
    const accepted = await inSpan(sent, () =>
      bus.request(INGEST_RUN, { force } satisfies RunRequest, ACCEPT_TIMEOUT_MS, sent.context),
    );
    const { run_id } = parseRunAccepted(accepted);
    span.set({ 'landfall.run_id': run_id });
    const location = `/runs/${run_id}`;
    const accept = () => reply.code(202).header('location', location).send({ run_id, location });

    if (prefersAsync(request.headers.prefer)) {
      reply.header('preference-applied', 'respond-async');
      return accept();
    }
    const ends = AbortSignal.any([stopping, disconnectSignal(reply)]);
    const finished = await runs.waitForReport(run_id, runWaitMs, ends);
    if (!finished) return accept();
    const report = publicRun(finished);
    if (report.status === 'failed') {
      throw new ApiError('run_failed', report.error ?? 'The cause is unknown.', { run: report });
    }
    try {
      const loaded = follower.syncNow(span.context).then(() => true);
      if (!(await withTimeout(limits.loadTimeoutMs, loaded, () => false, ends))) return accept();
    } catch (error) {
      log.warn(
        { err: error, run_id, trace_id: span.traceId },
        'the generation that the run published could not be loaded',
      );
      throw new ApiError('not_loaded', 'The run succeeded, but its generation could not be loaded yet.', {
        run: report,
      });
    }
    return reply.code(200).send(report);
  });
}

/** Whether `respond-async` is among the preferences of a Prefer header (RFC 7240). */
function prefersAsync(header: string | undefined): boolean {
  const preferences = (header ?? '').split(',').map((each) => each.split(';')[0]?.trim().toLowerCase());
  return preferences.includes('respond-async');
}
