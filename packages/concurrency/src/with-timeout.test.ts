import { withTimeout } from '@landfall/concurrency/with-timeout';
import t from 'tap';

const never = new Promise<string>(() => undefined);

t.test('the result of the promise is returned when it comes in time', async (t) => {
  t.equal(await withTimeout(1_000, Promise.resolve('done'), () => 'late'), 'done');
  await t.rejects(
    withTimeout(1_000, Promise.reject(new Error('failed')), () => 'late'),
    {
      message: 'failed',
    },
  );
});

t.test('a timeout returns or throws what onTimeout does', async (t) => {
  t.equal(await withTimeout(1, never, () => 'late'), 'late');
  const fails = withTimeout(1, never, () => {
    throw new Error('late');
  });
  await t.rejects(fails, { message: 'late' });
});

t.test('an aborted signal ends the wait', async (t) => {
  t.equal(await withTimeout(60_000, never, () => 'aborted', AbortSignal.abort()), 'aborted');
  const controller = new AbortController();
  const waiting = withTimeout(60_000, never, () => 'aborted', controller.signal);
  controller.abort();
  t.equal(await waiting, 'aborted');
});

t.test('a promise that rejects after the timeout causes no unhandled rejection', async (t) => {
  const { promise, reject } = Promise.withResolvers<string>();
  t.equal(await withTimeout(1, promise, () => 'late'), 'late');
  reject(new Error('nobody waits for it'));
  await new Promise(setImmediate);
});
