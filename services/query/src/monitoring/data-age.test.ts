import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { noCounts, type RunReport } from '@landfall/contracts/messages/run';
import t from 'tap';
import type { Confirmation } from './confirmation-file.ts';
import { openDataAge } from './data-age.ts';

const START = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60_000;
const iso = (minute: number) => new Date(START + minute * MINUTE).toISOString();

/** A generation, made at a minute. */
const generation = (number: number, minute: number): Manifest =>
  Object({ generation: number, version: `v${number}`, created_at: iso(minute) });

/** The report of a run that began at a minute. */
const report = (number: number, minute: number, changes: Partial<RunReport> = {}): RunReport => ({
  run_id: `${number}-${minute}`,
  trigger: 'schedule',
  status: 'succeeded',
  ...noCounts(),
  published: false,
  generation: number,
  version: `v${number}`,
  started_at: iso(minute),
  finished_at: iso(minute),
  duration_ms: 1,
  error: null,
  ...changes,
});

function fixture(...served: Manifest[]) {
  return reopened(undefined, ...served);
}

/** A service that starts with what was confirmed before. */
function reopened(before: Confirmation | undefined, ...served: Manifest[]) {
  let all = served;
  let kept = before;
  const age = openDataAge(
    { all: () => all, current: () => all[0] },
    {
      read: () => kept,
      write(confirmation) {
        kept = confirmation;
      },
    },
  );
  return {
    age,
    kept: () => kept,
    serve: (manifest: Manifest) => {
      all = [manifest, ...all];
      age.handleLoaded();
    },
    /** The age in minutes at a minute. */
    at: (minute: number) => (age.secondsAt(START + minute * MINUTE) ?? Number.NaN) / 60,
  };
}

t.test(
  'without a report, it counts from the first generation that was served, also when nobody asked before',
  async (t) => {
    const started = fixture(generation(1, 0));
    started.serve(generation(2, 10));
    t.equal(started.at(20), 20, 'it was served from the start');
    const empty = fixture();
    t.ok(Number.isNaN(empty.at(0)));
    empty.serve(generation(1, 5));
    empty.serve(generation(2, 10));
    t.equal(empty.at(20), 15);
  },
);

t.test(
  'what was confirmed counts on after a restart, not the time of a generation of a bucket event',
  async (t) => {
    const first = fixture(generation(1, 0));
    first.age.receive(report(1, 0));
    t.equal(first.at(5), 5);
    first.serve(generation(2, 180));
    t.equal(first.at(180), 180, 'made for a single key');
    const again = reopened(first.kept(), generation(2, 180), generation(1, 0));
    t.equal(again.at(181), 181);
    t.equal(
      Number(again.age.textOf(1, START + 181 * MINUTE)),
      181 * 60,
      'nor is an older generation younger',
    );
    t.equal(Number(again.age.textOf(7, START + 181 * MINUTE)), 181 * 60, 'nor one that is gone');
    again.age.receive(report(2, 190));
    t.equal(again.at(200), 10);
    t.equal(
      reopened(again.kept(), generation(1, 0)).at(200),
      200,
      'of a restored bucket, it confirms nothing',
    );
    t.equal(reopened({ generation: 1, version: 'other', at: START }, generation(1, 10)).at(20), 10);
  },
);

t.test('runs without changes keep the data fresh; it ages without them', async (t) => {
  const { age, at } = fixture(generation(1, 0));
  t.equal(at(10), 10, 'since its generation was made');
  age.receive(report(1, 25));
  t.equal(at(26), 1);
  age.receive(report(1, 20));
  t.equal(at(26), 1, 'an older report changes nothing');
  age.receive(report(1, 50, { status: 'failed' }));
  t.equal(at(51), 26, 'a failed run');
  age.receive(report(1, 52, { trigger: 'bucket' }));
  t.equal(at(53), 28, 'a run for single keys: events may be lost');
  age.receive(report(1, 54, { held: 3 }));
  t.equal(at(55), 30, 'removals are held back');
  age.receive(report(1, 75));
  t.equal(at(76), 1);
});

t.test('a run counts once its result is served', async (t) => {
  const { age, at, serve } = fixture(generation(1, 0));
  age.receive(report(1, 1));
  age.receive(report(2, 25, { published: true }));
  t.equal(at(30), 29, 'its generation is not loaded');
  serve(generation(2, 25));
  t.equal(at(30), 5);
  age.receive(report(3, 50, { published: true }));
  serve(generation(4, 51));
  t.equal(at(52), 2, 'a later generation has it, too');
  age.receive(report(1, 60, { published: true, version: 'other' }));
  t.equal(at(61), 11, 'a run of a data set with reset numbers says nothing about this one');
});

t.test('the text of an answer', async (t) => {
  const { age, serve } = fixture(generation(1, 0));
  t.equal(age.textOf(1, START + 1_999), '1');
  age.receive(report(1, 1));
  t.equal(age.textOf(1, START + MINUTE + 1_000), '1');
  serve(generation(2, 2));
  t.equal(age.textOf(1, START + 3 * MINUTE), '180', 'an older generation was current when it was made');
  t.equal(age.textOf(2, START), '0', 'a clock that is behind');
});
