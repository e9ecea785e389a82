import { coalesceRuns } from '@landfall/concurrency/coalesce-runs';
import fc from 'fast-check';
import t from 'tap';

/** Jobs that the test ends. */
function controlled() {
  const started: string[] = [];
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const ask = coalesceRuns(async (job: string) => {
    started.push(job);
    await new Promise<void>((resolve, reject) => ends.push({ resolve, reject }));
    return `${job} done`;
  });
  return { started, ends, ask };
}
const turn = () => new Promise(setImmediate);

t.test('the first job starts at once; all requests meanwhile share the next job', async (t) => {
  const { started, ends, ask } = controlled();
  const first = ask(() => 'first');
  const [second, third] = [ask(() => 'second'), ask((queued) => queued ?? 'third')];
  t.same(started, ['first']);
  t.equal(second.job, 'second');
  t.equal(third.job, 'second', 'no job of its own');
  ends[0]?.resolve();
  t.equal(await first.result, 'first done');
  await turn();
  t.same(started, ['first', 'second']);
  const fourth = ask(() => 'fourth');
  t.equal(fourth.job, 'fourth', 'the second started before this request');
  ends[1]?.resolve();
  t.same(await Promise.all([second.result, third.result]), ['second done', 'second done']);
  await turn();
  ends[2]?.resolve();
  t.equal(await fourth.result, 'fourth done');
});

t.test('a request may replace the queued job', async (t) => {
  const { started, ends, ask } = controlled();
  ask((queued) => `${queued}`);
  const second = ask(() => 'second');
  ask((queued) => `${queued} and third`);
  ends[0]?.resolve();
  await turn();
  t.same(started, ['undefined', 'second and third']);
  ends[1]?.resolve();
  t.equal(await second.result, 'second and third done');
});

t.test('a failure is the result of its job alone', async (t) => {
  const { started, ends, ask } = controlled();
  const first = ask(() => 'first');
  const second = ask(() => 'second');
  ends[0]?.reject(new Error('no'));
  await t.rejects(first.result, { message: 'no' });
  await turn();
  t.same(started, ['first', 'second']);
  ends[1]?.resolve();
  t.equal(await second.result, 'second done');
});

t.test('one job runs at a time, and each starts after its request, in any order of events', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('ask', 'end', 'fail', 'wait'), { maxLength: 40 }),
      async (steps) => {
        const ends: ((ok: boolean) => void)[] = [];
        let time = 0;
        let running = 0;
        const ask = coalesceRuns(async (_job: number) => {
          if (++running > 1) throw new Error('two at a time');
          const begun = time++;
          const ok = await new Promise<boolean>((resolve) => ends.push(resolve));
          running--;
          if (!ok) throw new Error('failed');
          return begun;
        });
        const requests: { at: number; result: Promise<number> }[] = [];
        for (const step of steps) {
          if (step === 'ask') {
            const at = time++;
            const { result } = ask(() => at);
            result.catch(() => undefined); // Checked below; it may have failed before.
            requests.push({ at, result });
          } else if (step === 'wait') await turn();
          else ends.shift()?.(step === 'end');
        }
        const over = Promise.allSettled(requests.map(({ result }) => result));
        for (let left = steps.length + 2; left > 0; left--) {
          ends.shift()?.(true);
          await turn();
        }
        (await over).forEach((outcome, i) => {
          if (outcome.status === 'fulfilled') t.ok(outcome.value > (requests[i]?.at ?? 0));
          else t.equal(outcome.reason.message, 'failed');
        });
      },
    ),
  );
});
