import { setTimeout as sleep } from 'node:timers/promises';
import { ownNatsIsMissing } from '@landfall/test-servers/nats-server';
import { ownS3IsMissing } from '@landfall/test-servers/s3-server';
import t from 'tap';
import { openChanges } from './_changes.ts';
import { makeFaultFixture, untilHolds } from './_fault-fixture.ts';
import { rounds } from './_rounds.ts';

const skip = ownNatsIsMissing() ?? ownS3IsMissing() ?? false;

t.test('services and servers are killed at random while files change', { skip }, async (t) => {
  const fixture = await makeFaultFixture(t);
  const { random, query, nats, s3 } = fixture;
  const changes = openChanges(fixture, 60);
  await changes.fill();
  const ingestor = await fixture.ingestor('ingestor');
  ingestor.start();
  query.start();
  await fixture.untilMirrored('at the start');

  for (let round = 1; round <= rounds(3, 40); round++) {
    const victim = random.pick(['ingestor', 'query', 'both', 'nats', 's3'] as const);
    const changing = (async () => {
      for (let i = 0; i < 20; i++) await changes.one().catch(() => undefined);
    })();
    await sleep(random.below(400));
    if (victim === 'ingestor' || victim === 'both') await ingestor.end('SIGKILL');
    if (victim === 'query' || victim === 'both') await query.end('SIGKILL');
    if (victim === 'nats') await nats.restart();
    if (victim === 's3') await s3.restart();
    await changing;
    if (!ingestor.isRunning()) ingestor.start();
    if (!query.isRunning()) query.start();
    // A server that is killed between storing an object and publishing its event leaves the change to the next full listing.
    if (victim === 's3') await untilHolds('a full listing', requestRun);
    await fixture.untilMirrored(`round ${round}, ${victim} killed`);
    fixture.checkLineage();
  }

  /** @returns undefined after a run that succeeded */
  async function requestRun(): Promise<unknown> {
    const { status, body } = await fixture.post();
    return status === 200 && body?.status === 'succeeded' ? undefined : { status, body };
  }
});
