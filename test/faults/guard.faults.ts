import fs from 'node:fs';
import { ownNatsIsMissing } from '@landfall/test-servers/nats-server';
import { ownS3IsMissing } from '@landfall/test-servers/s3-server';
import t from 'tap';
import { openChanges } from './_changes.ts';
import { makeFaultFixture, untilHolds } from './_fault-fixture.ts';

const skip = ownNatsIsMissing() ?? ownS3IsMissing() ?? false;
const USERS = 150;

t.test('files are deleted one by one, with restarts', { skip }, async (t) => {
  const fixture = await makeFaultFixture(t);
  const { random, query } = fixture;
  const changes = openChanges(fixture, USERS);
  await changes.fill();
  const ingestor = await fixture.ingestor('ingestor');
  ingestor.start();
  query.start();
  await fixture.untilMirrored('at the start');

  const rows = () => fs.readFileSync(fixture.processed('output.csv'), 'utf8').split('\n').length - 2;
  for (let i = 0; i < 120; i++) {
    await fixture.remove(`${1_000 + i}.csv`);
    if (i % 30 === 29) {
      await ingestor.end(random.pick(['SIGKILL', 'SIGTERM']));
      if (random.chance(0.5)) fs.rmSync(ingestor.stateDir, { recursive: true, force: true });
      ingestor.start();
    }
    if (i % 10 === 9) await fixture.post();
  }
  await untilHolds('a listing', async () => ((await fixture.post()).status === 200 ? undefined : 'no run'));
  t.ok(rows() >= USERS / 2, `${rows()} of ${USERS} rows are left`);
  await fixture.untilStatus('red', ['removals_held']);
  await changes.put('another');
  await fixture.post();
  const added = await fetch(`${query.url}/data/another`);
  t.equal(added.status, 200, 'additions are published meanwhile');

  await untilHolds('a forced run', async () => {
    const { status } = await fixture.post('?force=true');
    return status === 200 ? undefined : status;
  });
  await fixture.untilMirrored('after force=true');
  await fixture.untilStatus('green');
  fixture.checkLineage();
});
