import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import { rejectReasons } from '@landfall/contracts/dataset/reject';
import { formatReject, rejectsHeader } from '@landfall/contracts/dataset/reject-codec';
import type { RunReport } from '@landfall/contracts/messages/run';
import { statsBody } from '../response/stats-body.ts';
import { exampleProblem } from './example-problem.ts';
import { EXAMPLE_ID, exampleCsv, exampleRow } from './example-row.ts';
import { exampleStatistics } from './example-statistics.ts';
import type { Examples } from './with-example.ts';

const VERSION = '5f2d3f4c1a0b9e8d7c6b5a49382716050f1e2d3c4b5a69788796a5b4c3d2e1f0';
const TIME = '2026-06-01T12:00:00.000Z';
const RUN_ID = '0d5c1f0e-6f5b-4e0c-9a3e-2f1d7c8b9a10';

/** The report of a run. */
export const EXAMPLE_REPORT: RunReport = {
  run_id: RUN_ID,
  trigger: 'request',
  started_at: TIME,
  status: 'succeeded',
  listed: 2,
  fetched: 1,
  unchanged: 0,
  added: 1,
  updated: 0,
  removed: 0,
  rejected: 0,
  orphan_images: 0,
  written: 4,
  passed_over: 0,
  held: 0,
  published: true,
  generation: 7,
  version: VERSION,
  finished_at: '2026-06-01T12:00:00.250Z',
  duration_ms: 250,
  error: null,
  error_code: null,
  conditions: [],
};

/** The example bodies of an operation's response, for the OpenAPI document. */
export function exampleAnswers(definition: Definition): (operationId: string, status: string) => Examples {
  const answers = successes(definition);
  return (operationId, status) => {
    const problem = exampleProblem(definition, operationId, Number(status));
    if (problem) return { 'application/problem+json': problem };
    return answers[`${operationId} ${status}`] ?? {};
  };
}

/** By operation and status. */
function successes(definition: Definition): Record<string, Examples> {
  const json = (example: unknown): Examples => ({ 'application/json': example });
  const row = exampleRow(definition);
  const key = keyColumn(definition);
  const change = { change: 'updated', generation: 7, [key]: EXAMPLE_ID, [definition.one]: row };
  const reason = rejectReasons(definition)[0] ?? 'empty';
  const reject = { reason, detail: 'The file is empty.', since: TIME, kept_previous: false };
  const rejectedFile = {
    ...reject,
    key: definition.records.replace('**/', '').replace(/\{.+\}/, 'new'),
    id: 'new',
  };
  const served = { generation: 7, version: VERSION, rows: 1, created_at: TIME };
  const { id: _, ...rejected } = { ...rejectedFile, [key]: 'new' };
  const status = {
    level: 'green',
    reasons: [],
    generation: 7,
    created_at: TIME,
    checked_at: TIME,
    confirmed_at: TIME,
    rejects: 0,
  };
  return {
    'listRows 200': {
      ...json([row]),
      'application/x-ndjson': row,
      'text/csv': exampleCsv(definition, row),
    },
    'getRow 200': json(row),
    'getStats 200': json(JSON.parse(statsBody(definition, exampleStatistics(definition), undefined))),
    'getDefinition 200': json(definition),
    'listGenerations 200': json([served]),
    'listChanges 200': { ...json([change]), 'application/x-ndjson': change },
    'startRun 200': json(EXAMPLE_REPORT),
    'startRun 202': json({ run_id: RUN_ID, location: `/runs/${RUN_ID}` }),
    'listRuns 200': json([EXAMPLE_REPORT]),
    'getRun 200': json(EXAMPLE_REPORT),
    'listRejects 200': {
      ...json([rejected]),
      'text/csv': rejectsHeader(definition) + formatReject(rejectedFile),
    },
    'subscribeToEvents 200': {
      'text/event-stream': `id: 7-${VERSION}\nevent: dataset\ndata: ${JSON.stringify(served)}\n\n`,
    },
    'checkAlive 200': json({ status: 'ok' }),
    'checkReady 200': json({
      status: 'ready',
      generation: 7,
      event_bus: 'connected',
      level: 'green',
      conditions: [],
      data_age_seconds: 240,
    }),
    'getMetrics 200': {
      'text/plain':
        '# HELP landfall_rows Rows of the served generation\n# TYPE landfall_rows gauge\nlandfall_rows 1\n',
    },
    'getStatus 200': json(status),
  };
}
