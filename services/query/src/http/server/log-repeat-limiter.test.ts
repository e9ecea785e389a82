import type { Logger } from '@landfall/process/logger';
import t from 'tap';
import { limitRepeatedLogs } from './log-repeat-limiter.ts';

/** A log that keeps its lines, and a clock. */
function recorded() {
  const lines: unknown[][] = [];
  const time = { now: 0 };
  const write = (level: string) => (fields: object, message: string) => lines.push([level, fields, message]);
  const log: Logger = Object.assign(Object.create(null), {
    ...{ warn: write('warn'), error: write('error'), info: write('info') },
  });
  return { lines, time, log: limitRepeatedLogs(log, () => time.now) };
}

t.test('repeated warnings are written once per interval, with their count', async (t) => {
  const { lines, time, log } = recorded();
  for (let i = 0; i < 1_000; i++) log.warn({ code: 'no_data_set', i }, 'not served');
  log.warn({ code: 'too_busy' }, 'not served');
  t.same(lines, [
    ['warn', { code: 'no_data_set', i: 0 }, 'not served'],
    ['warn', { code: 'too_busy' }, 'not served'],
  ]);
  time.now = 10_000;
  log.warn({ code: 'no_data_set' }, 'not served');
  t.same(lines[2], ['warn', { code: 'no_data_set', repeated: 999 }, 'not served']);
  time.now = 20_000;
  log.warn({ code: 'no_data_set' }, 'not served');
  t.same(lines[3], ['warn', { code: 'no_data_set' }, 'not served'], 'none since');
});

t.test('errors are written each, up to a bound; all else passes', async (t) => {
  const { lines, time, log } = recorded();
  for (let i = 0; i < 50; i++) log.error({ i }, 'failed');
  for (let i = 0; i < 50; i++) log.info({ i }, 'told');
  t.equal(lines.filter(([level]) => level === 'error').length, 20);
  t.equal(lines.filter(([level]) => level === 'info').length, 50);
  time.now = 10_000;
  log.error({}, 'failed');
  t.same(lines.at(-1), ['error', { repeated: 30 }, 'failed']);
});
