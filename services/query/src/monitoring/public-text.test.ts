import { noCounts, type RunReport } from '@landfall/contracts/messages/run';
import t from 'tap';
import { publicRun, publicText } from './public-text.ts';

t.test('folders of the machine are hidden, keys are shown', async (t) => {
  for (const [text, shown] of [
    [
      "EACCES: permission denied, open '/var/lib/landfall/state/x.sqlite'",
      "EACCES: permission denied, open '…/x.sqlite'",
    ],
    ['/srv/data/src-data/ cannot be read', '…/ cannot be read'],
    ['file=/a/b/c', 'file=…/c'],
    ['no access to src-data/team/a.csv', 'no access to src-data/team/a.csv'],
    ['http://minio:9000/src-data/a did not answer', 'http://minio:9000/src-data/a did not answer'],
    ['see /rejects', 'see /rejects'],
    ["EIO: i/o error, open '/home/my user/x/y.csv'", "EIO: i/o error, open '…/y.csv'"],
    ['at file:///home/me/x.ts:3', 'at …/x.ts:3'],
    ['one of [/srv/a/b, /srv/a/c]', 'one of […/b, …/c]'],
  ] as const) {
    t.equal(publicText(text), shown);
  }
});

t.test('a run has a bounded size', async (t) => {
  const condition = {
    ...{ code: 'x', level: 'red' as const, detail: 'y'.repeat(1_000_000), since: '2026-06-01T00:00:00Z' },
    clears: 'z',
  };
  const report: RunReport = {
    ...{
      run_id: 'a',
      trigger: 'request',
      started_at: '2026-06-01T00:00:00Z',
      status: 'failed',
      ...noCounts(),
    },
    ...{
      published: false,
      generation: null,
      version: null,
      finished_at: '2026-06-01T00:00:00Z',
      duration_ms: 0,
    },
    error: '\u0000'.repeat(1_000_000),
    conditions: Array.from({ length: 1_000 }, () => condition),
  };
  t.ok(JSON.stringify(publicRun(report)).length < 50_000);
  t.equal(publicRun({ ...report, error: null }).error, null);
});
