import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const LOGGER = fileURLToPath(new URL('./logger.ts', import.meta.url));

/** The log of statements that use `log`, in a process of their own. */
function logOf(statements: string, isTerminal = false): string {
  const script = `import { makeLogger } from ${JSON.stringify(LOGGER)};
    const log = makeLogger('example', 'info', ${isTerminal});
    class StoreError extends Error { name = 'StoreError'; code = 'unavailable'; }
    ${statements}`;
  const { stderr, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  t.equal(stdout, '');
  return stderr;
}

t.test('a log is JSON, a line per event', async (t) => {
  const [first = '', second = ''] = logOf(
    `log.info({ run_id: 'r' }, 'one'); log.debug('no'); log.warn('two')`,
  ).split('\n');
  t.match(JSON.parse(first), { name: 'example', level: 30, run_id: 'r', msg: 'one' });
  t.match(JSON.parse(second), { level: 40, msg: 'two' });
});

t.test('what happens outside of the program has no stack', async (t) => {
  for (const [error, expected] of [
    [`new StoreError('it is away')`, { type: 'StoreError', code: 'unavailable', message: 'it is away' }],
    [
      `new StoreError('it is away', { cause: new Error('connect ECONNREFUSED') })`,
      { message: 'it is away: connect ECONNREFUSED' },
    ],
    [`new StoreError('away: refused', { cause: new Error('refused') })`, { message: 'away: refused' }],
    [`Object.assign(new Error('no space'), { code: 'ENOSPC' })`, { type: 'Error', code: 'ENOSPC' }],
    [
      `new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) })`,
      { message: 'fetch failed: refused', code: 'ECONNREFUSED' },
    ],
    [
      `Object.assign(new AggregateError([new Error('one'), new Error('two')], 'no address works'), { code: 'ALL' })`,
      { message: 'no address works: one; two' },
    ],
  ] as const) {
    const { err } = JSON.parse(logOf(`log.warn({ err: ${error} }, 'x')`));
    t.match(err, expected);
    t.notHas(err, { stack: String });
  }
});

t.test('a fault of the program has its stack', async (t) => {
  for (const error of [
    `new Error('a bug')`,
    `new TypeError('not a function')`,
    `new (await import('node:assert')).AssertionError({ message: 'wrong' })`,
    `Object.assign(new TypeError('wrong'), { code: 'ERR_INVALID_ARG_TYPE' })`,
  ]) {
    t.match(JSON.parse(logOf(`log.error({ err: ${error} }, 'x')`)).err.stack, /\n {4}at /, error);
  }
});

t.test('a terminal shows readable lines', async (t) => {
  const log = logOf(`log.warn({ err: new StoreError('it is away'), key: 'a.csv' }, 'not read')`, true);
  t.match(log, /^\[\d\d:\d\d:\d\d\] WARN: not read.*"key":"a\.csv"/);
  t.match(log, 'it is away');
  t.notMatch(log, / {4}at /);
});
