import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, freePort, startServer } from '@landfall/test-servers/server-process';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { until } from '../../../test/_stack.ts';
import { start, temporary } from './_process.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const read = (name: string) => fs.readFileSync(path.join(ROOT, name), 'utf8');
const prometheus = findProgram('prometheus');
const promtool = findProgram('promtool');
const skip = (prometheus === undefined || promtool === undefined) && 'Prometheus is not installed';

interface Rule {
  alert: string;
  expr: string;
  annotations: { runbook: string };
}
const rules: Rule[] = parse(read('deploy/prometheus/alerts.yml')).groups.flatMap(
  ({ rules }: { rules: Rule[] }) => rules,
);
const { panels }: { panels: { title: string; targets: { expr: string }[] }[] } = JSON.parse(
  read('deploy/grafana/dashboards/landfall.json'),
);
const queries = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

t.test('the alert rules do what their tests say', { skip }, async (t) => {
  const folder = path.join(ROOT, 'deploy/prometheus');
  for (const args of [
    ['check', 'config', 'prometheus.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ]) {
    t.match(execFileSync(promtool ?? '', args, { cwd: folder, encoding: 'utf8' }), 'SUCCESS', args.join(' '));
  }
  const tested = read('deploy/prometheus/alerts.test.yml');
  for (const { alert } of rules)
    t.match(tested, new RegExp(`alertname: ${alert}\\n +eval_time.*\\n +exp_alerts`), alert);
});

t.test('each alert has a section in the runbook', async (t) => {
  t.ok(rules.length >= 8);
  const headings = [...read('docs/runbook.md').matchAll(/^### (Landfall\w+)$/gm)].map(([, name]) => name);
  t.same(
    headings,
    rules.map(({ alert }) => alert),
  );
  for (const { alert, annotations } of rules)
    t.equal(annotations.runbook, `docs/runbook.md#${alert.toLowerCase()}`);
});

t.test('queries use metrics that exist', async (t) => {
  const documented = new Set(read('docs/metrics.md').match(/(?<=^\| `)landfall_\w+/gm));
  for (const [where, expr] of queries) {
    for (const name of expr.match(/landfall_\w+/g) ?? [])
      t.ok(documented.has(name.replace(/_(?:bucket|sum|count)$/, '')), `${where}: ${name}`);
  }
});

t.test(
  'Prometheus scrapes a service and answers every query of the alerts and the dashboard',
  { skip },
  async (t) => {
    const folder = temporary(t);
    const address = await start(t, { DATA_DIR: path.join(folder, 'data') }).address();
    for (let i = 0; i < 3; i++) await fetch(`${address}/data?limit=1`);
    const query = await startPrometheus(t, folder, new URL(address).host);
    await until(
      'a scrape',
      () => query('landfall_runs_total'),
      ({ result }) => result.length > 0,
    );
    for (const [where, expr] of queries) t.equal((await query(expr)).status, 'success', `${where}: ${expr}`);
    for (const expr of [
      'landfall_data_age_seconds',
      'landfall_freshness_limit_seconds',
      'sum(landfall_rejects) or vector(0)',
    ]) {
      t.equal((await query(expr)).result.length, 1, expr);
    }
    const { result } = await query('landfall_rows');
    const stats: { count: number } = Object(await (await fetch(`${address}/stats`)).json());
    t.equal(result[0]?.value[1], String(stats.count));
  },
);

interface Result {
  status: string;
  result: { value: [number, string] }[];
}

/** Starts Prometheus with a service as its target. @returns a function that sends a query */
async function startPrometheus(
  t: Test,
  folder: string,
  target: string,
): Promise<(expr: string) => Promise<Result>> {
  const port = await freePort();
  const config = path.join(folder, 'prometheus.yml');
  // JSON is YAML.
  const scrape_configs = [{ job_name: 'query', static_configs: [{ targets: [target] }] }];
  fs.writeFileSync(config, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs }));
  const server = await startServer(
    prometheus ?? '',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${path.join(folder, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    port,
  );
  t.teardown(server.kill);
  return async (expr) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expr)}`);
    // It listens before it is ready, and answers in plain text until then.
    if (response.status === 503) return { status: await response.text(), result: [] };
    const { status, data } = Object(await response.json());
    return { status, result: data?.result ?? [] };
  };
}
