import { setTimeout as sleep } from 'node:timers/promises';
import { ownNatsIsMissing } from '@landfall/test-servers/nats-server';
import { ownS3IsMissing } from '@landfall/test-servers/s3-server';
import t from 'tap';
import { openChanges } from './_changes.ts';
import { makeFaultFixture } from './_fault-fixture.ts';
import { rounds } from './_rounds.ts';

const skip = ownNatsIsMissing() ?? ownS3IsMissing() ?? false;

t.test('two ingestors overlap, are killed, paused and restarted at random', { skip }, async (t) => {
  const fixture = await makeFaultFixture(t);
  const { random, query, nats } = fixture;
  const changes = openChanges(fixture, 40);
  await changes.fill();
  const ingestors = [await fixture.ingestor('first'), await fixture.ingestor('second')];
  for (const ingestor of ingestors) ingestor.start();
  query.start();
  await fixture.untilMirrored('at the start');

  for (let round = 1; round <= rounds(4, 50); round++) {
    const victim = random.pick(ingestors);
    const how = random.pick(['kill', 'restart', 'pause', 'nats'] as const);
    const changing = (async () => {
      for (let i = 0; i < 15; i++) {
        await changes.one().catch(() => undefined);
        await sleep(random.below(40));
      }
    })();
    await sleep(random.below(300));
    if (how === 'kill') await victim.end('SIGKILL');
    if (how === 'restart') await victim.end('SIGTERM');
    if (how === 'pause') {
      victim.signal('SIGSTOP');
      await sleep(3_500 + random.below(2_000));
      victim.signal('SIGCONT');
    }
    if (how === 'nats') await nats.restart();
    await changing;
    // Sometimes one is left alone for a round.
    for (const ingestor of ingestors) {
      const isOther = ingestor !== victim;
      if (!ingestor.isRunning() && (isOther || random.chance(0.7))) ingestor.start();
    }
    if (!ingestors.some((ingestor) => ingestor.isRunning())) victim.start();
    await fixture.untilMirrored(`round ${round}, ${how} of ${victim.name}`);
    fixture.checkLineage();
  }
});
