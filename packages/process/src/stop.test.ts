import t from 'tap';
import { type Logger, makeLogger } from './logger.ts';
import { stopWithin } from './stop.ts';

/** A logger that keeps its lines. */
function recorder() {
  const lines: string[] = [];
  const log: Logger = makeLogger('test', 'silent');
  log.error = (...args: unknown[]) => void lines.push(String(args.at(-1)));
  return { log, lines };
}

t.test('the parts are stopped in order, each after the one before', async (t) => {
  const { log, lines } = recorder();
  const done: string[] = [];
  const step = (what: string) => ({
    what,
    async stop() {
      await new Promise(setImmediate);
      done.push(what);
    },
  });
  t.equal(await stopWithin(['a', 'b', 'c'].map(step), log), 0);
  t.same(done, ['a', 'b', 'c']);
  t.same(lines, []);
});

t.test('one that fails is logged, and the others are stopped all the same', async (t) => {
  const { log, lines } = recorder();
  let stopped = false;
  const steps = [
    {
      what: 'the bus',
      stop() {
        throw new Error('no');
      },
    },
    { what: 'the store', stop: () => Promise.reject(new Error('no')) },
    {
      what: 'the file',
      stop() {
        stopped = true;
      },
    },
  ];
  t.equal(await stopWithin(steps, log), 1);
  t.ok(stopped);
  t.same(lines, ['the bus could not be stopped cleanly', 'the store could not be stopped cleanly']);
});

t.test('a hanging part is named at the deadline', async (t) => {
  const { log, lines } = recorder();
  const steps = [
    { what: 'the API', stop: () => undefined },
    { what: 'the bus', stop: () => new Promise(() => undefined) },
    { what: 'the file', stop: () => t.fail('it is not reached') },
  ];
  t.equal(await stopWithin(steps, log, 20), 1);
  t.same(lines, ['the bus did not stop in time: the process ends without it']);
});
