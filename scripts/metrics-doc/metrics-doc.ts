import { openIngestorMetrics } from '@landfall/ingestor/metrics/ingestor-metrics';
import { addProcessMetrics } from '@landfall/metrics/process-metrics';
import { type Metrics, openMetrics } from '@landfall/metrics/registry';
import { openLimitHits } from '@landfall/query/http/limits/limit-hits';
import { openCacheHits } from '@landfall/query/http/response-cache/cache-hits';
import { addDataMetrics } from '@landfall/query/metrics/data-metrics';
import { addHttpMetrics } from '@landfall/query/metrics/http-metrics';

/** The text of docs/metrics.md. */
export function metricsDoc(): string {
  const unused = (): never => {
    throw new Error('nothing is scraped');
  };
  const tables = [
    [
      'Query service',
      describe((metrics) => {
        const generations = { all: unused, current: unused };
        addDataMetrics(metrics, {
          dataSet: Object({ generations, rejectReasons: unused }),
          dataAge: { secondsAt: unused },
          freshnessLimitMs: 0,
          status: unused,
          limitHits: openLimitHits().counts,
          clock: unused,
        });
        addHttpMetrics(metrics, openCacheHits(), []);
      }),
    ],
    ['Ingestor', describe((metrics) => void openIngestorMetrics(metrics))],
    ['Both services', describe((metrics) => addProcessMetrics(metrics)())],
  ] as const;
  return [
    '# Metrics',
    '',
    'For Prometheus, at `/metrics`: on the port of the API (with tokens, it needs the scope `read`), or on `METRICS_PORT` alone. The ingestor',
    'serves its metrics only there. A standalone Landfall serves those of both services. This page is made by `pnpm metrics-doc`.',
    ...tables.flatMap(([heading, rows]) => ['', `## ${heading}`, '', ...rows]),
    '',
  ].join('\n');
}

function describe(add: (metrics: Metrics) => void): string[] {
  const metrics = openMetrics();
  add(metrics);
  const rows = metrics
    .describe()
    .map(({ name, type, labels, help }) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', ') || '–',
      help,
    ]);
  const table = [['metric', 'type', 'labels', 'meaning'], ...rows];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...table.map((row) => row[i]?.length ?? 0)));
  const lines = table.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [lines[0] ?? '', rule, ...lines.slice(1)];
}
