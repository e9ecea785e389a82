import { execFileSync } from 'node:child_process';
import { ingestProgress } from '@landfall/contracts/messages/events';
import { noCounts, type RunReport } from '@landfall/contracts/messages/run';
import { openIngestorMetrics } from '@landfall/ingestor/metrics/ingestor-metrics';
import { startMetrics } from '@landfall/metrics/start-metrics';
import t from 'tap';
import { until } from '../../../../test/_stack.ts';
import { usersNamed } from '../support/_generation.ts';
import { connect, get } from '../support/_raw.ts';
import { makeService } from '../support/_service.ts';

const PROMTOOL = { skip: !process.env.REQUIRE_ALL && !hasPromtool() && 'there is no promtool' };

function hasPromtool(): boolean {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A report of a run that began now, with the time of one PUT. */
const report = (now: number, version: string): RunReport & { put_times: [number, number][] } => ({
  run_id: 'r',
  trigger: 'schedule',
  status: 'succeeded',
  ...noCounts(),
  published: true,
  generation: 2,
  version,
  started_at: new Date(now).toISOString(),
  finished_at: new Date(now).toISOString(),
  duration_ms: 1_500,
  error: null,
  put_times: [[now - 4_000, 3]],
});

t.test('metrics and freshness of a service', async (t) => {
  const { metrics, stopStep } = await startMetrics('127.0.0.1', undefined);
  t.teardown(stopStep.stop);
  const counted = openIngestorMetrics(metrics);
  const { address, ask, publish, time, bus } = await makeService(t, { metrics });
  const empty = await ask('/metrics');
  t.notMatch(
    empty.text,
    /^landfall_(?:data_age_seconds|generation|rows|last_full_run_timestamp_seconds) /m,
    'what is not known has no series',
  );
  t.match(
    empty.text,
    '\nlandfall_runs_total{trigger="schedule",outcome="failed"} 0\n',
    'a failure is a rise',
  );
  const reject = { key: 'b.csv', user_id: 'b', detail: 'nothing', since: '2026-06-01T12:00:00.000Z' };
  await publish(1, usersNamed('x', 2), [{ ...reject, reason: 'empty', kept_previous: false }]);

  t.equal((await ask('/data?limit=1')).headers['landfall-data-age'], '0');
  time.now += 7_400;
  const cached = await ask('/data?limit=1');
  t.equal(cached.headers['landfall-data-age'], '7', 'a cached page has the age of now');
  const known = await ask('/data?limit=1', { 'if-none-match': String(cached.headers.etag) });
  t.match(known, { status: 304, headers: { 'landfall-data-age': '7' } });
  t.notMatch((await ask('/readyz')).text, 'data_too_old');
  time.now += 50 * 60_000;
  t.match(JSON.stringify((await ask('/status')).json), /"code":"data_too_old"/);
  t.match((await ask('/readyz')).json, { conditions: /data_too_old/, data_age_seconds: 3_007 });
  t.equal((await ask('/data?limit=1')).status, 200, 'the data is served all the same');

  const made = await publish(2, usersNamed('x', 3));
  const finished = report(time.now, made.manifest.version);
  bus.publish(ingestProgress('r'), finished);
  counted.countRun(finished, { list: 0.5, publish: 1 }, true);
  await new Promise(setImmediate);
  t.notMatch((await ask('/status')).text, 'data_too_old', 'cleared');
  t.notMatch((await ask('/runs')).text, 'put_times');
  await ask('/no-such/path');
  await ask(`/data?first_name=${'x'.repeat(62_000)}`);

  const garbage = await connect(t, address);
  garbage.send('no request\r\n\r\n');
  await garbage.closed();
  await until(
    'a client that leaves while its request waits is counted',
    async () => {
      const { send, socket } = await connect(t, address);
      send(get('/data?min_generation=999'));
      await ask('/healthz');
      socket.destroy();
      return (await ask('/metrics')).text;
    },
    (text) =>
      text.includes('route="/data",status="499"') && text.includes('_http_responses_total{status="499"}'),
  );

  const answer = await ask('/metrics');
  t.equal(answer.status, 200);
  t.notMatch(answer.text, 'status="503"', 'nobody got that');
  for (const line of [
    'landfall_data_age_seconds 0',
    'landfall_rows 3',
    'landfall_generation 2',
    'landfall_limits_hit_total{limit="url_length"} 1',
    'landfall_limits_hit_total{limit="connections"} 0',
    'landfall_response_cache_hits_total{route="/data",method="GET",status="200"} 2',
    'landfall_response_cache_hits_total{route="/data",method="GET",status="304"} 1',
    'landfall_http_request_duration_seconds_count{method="GET",route="none",status="404"} 1',
    'landfall_http_responses_total{status="304"} 1',
    'landfall_http_responses_total{status="400"} 1',
    'landfall_put_to_served_lag_seconds_bucket{le="3"} 0',
    'landfall_put_to_served_lag_seconds_bucket{le="5"} 3',
    'landfall_runs_total{trigger="schedule",outcome="published"} 1',
    'landfall_run_phase_duration_seconds_sum{phase="publish"} 1',
  ]) {
    t.ok(answer.text.includes(`\n${line}\n`), line);
  }
  await t.test('promtool finds nothing to complain about', PROMTOOL, async (t) => {
    t.equal(execFileSync('promtool', ['check', 'metrics'], { input: answer.text, encoding: 'utf8' }), '');
  });
});
