import { setTimeout as sleep } from 'node:timers/promises';
import { ownNatsIsMissing } from '@landfall/test-servers/nats-server';
import { ownS3IsMissing } from '@landfall/test-servers/s3-server';
import t from 'tap';
import { openChanges } from './_changes.ts';
import { makeFaultFixture, untilHolds } from './_fault-fixture.ts';
import { sendToNats } from './_nats-wire.ts';
import { rounds } from './_rounds.ts';

const skip = ownNatsIsMissing() ?? ownS3IsMissing() ?? false;

const STREAMS = ['DATASET', 'RUNS', 'BUCKET'];
const SUBJECTS = ['dataset.updated', 'ingest.run', 'ingest.alive', 'ingest.progress.x', 'bucket.events'];
const RUBBISH = ['', '{', 'null', '[]', '{"Records":[{}]}', '\u0000', '"x"', '{"data":{"generation":1e99}}'];

t.test('NATS is killed, paused, emptied and sent invalid messages', { skip }, async (t) => {
  const fixture = await makeFaultFixture(t);
  const { query, nats } = fixture;
  const changes = openChanges(fixture, 60);
  await changes.fill();
  const ingestor = await fixture.ingestor('ingestor');
  ingestor.start();
  query.start();
  await fixture.untilMirrored('at the start');
  const faults: Record<string, () => Promise<void>> = {
    async killed() {
      await nats.kill();
      for (let i = 0; i < 5; i++) await changes.one().catch(() => undefined);
      await nats.restart();
    },
    async paused() {
      await nats.pause();
      await sleep(2_000);
      nats.resume();
    },
    'without all of its streams': () => deleteStreams(...STREAMS),
    'without the stream DATASET': () => deleteStreams('DATASET'),
    'without the stream RUNS': () => deleteStreams('RUNS'),
    'without the stream BUCKET': () => deleteStreams('BUCKET'),
    async 'fed rubbish'() {
      const messages = SUBJECTS.flatMap((subject) =>
        RUBBISH.map((text): [string, string] => [subject, text]),
      );
      await sendToNats(nats, messages);
    },
  };
  /** A stream that was deleted before may take some seconds until it is made again. */
  async function deleteStreams(...names: string[]): Promise<void> {
    for (const name of names) {
      await untilHolds(`${name} is deleted`, async () => {
        const answers = await sendToNats(nats, [[`$JS.API.STREAM.DELETE.${name}`, '']], 1);
        return answers.includes('"success":true') ? undefined : answers.slice(-200);
      });
    }
  }
  for (let round = 1; round <= rounds(1, 10); round++) {
    for (const [what, act] of Object.entries(faults)) {
      await act();
      for (let i = 0; i < 5; i++) await changes.one().catch(() => undefined);
      await untilHolds(`${what}: a run on request`, async () => {
        const { status, body } = await fixture.post();
        return status === 200 ? undefined : { status, body };
      });
      await fixture.untilMirrored(`round ${round}, NATS ${what}`);
      await fixture.untilStatus('green');
      fixture.checkLineage();
      t.equal(ingestor.isRunning() && query.isRunning(), true, 'both services live');
    }
  }
});
