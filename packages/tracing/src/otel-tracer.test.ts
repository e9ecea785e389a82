import t from 'tap';
import { recordSpans } from './_recorded-spans.ts';
import { inSpan } from './span.ts';

const contextOf = (digit: string, flags = '01') => ({
  traceparent: `00-${digit.repeat(32)}-${digit.repeat(16)}-${flags}`,
});

t.test('a span belongs to the first of its requests that is recorded, and links to the others', async (t) => {
  const { tracer, ended } = recordSpans();
  tracer.start('shared', [contextOf('a', '00'), contextOf('b'), contextOf('c')]).end();
  const [shared] = await ended();
  t.match(shared?.parentSpanContext, { traceId: 'b'.repeat(32), spanId: 'b'.repeat(16), isRemote: true });
  t.match(
    shared?.links.map(({ context }) => context.traceId),
    ['a'.repeat(32), 'c'.repeat(32)],
  );
});

t.test('samplers decide what is recorded', async (t) => {
  for (const [sampler, root, ofRecorded, ofUnrecorded] of [
    ['always_on', 1, 1, 1],
    ['always_off', 0, 0, 0],
    ['traceidratio', 1, 1, 1],
    ['parentbased_always_on', 1, 1, 0],
    ['parentbased_always_off', 0, 1, 0],
    ['parentbased_traceidratio', 1, 1, 0],
  ] as const) {
    for (const [what, parents, expected] of [
      ['a root', [], root],
      ['of a recorded parent', [contextOf('a')], ofRecorded],
      ['of a parent that is not recorded', [contextOf('a', '00')], ofUnrecorded],
    ] as const) {
      const { tracer, ended } = recordSpans(sampler);
      const span = tracer.start('x', parents);
      span.child('child').end();
      span.end();
      t.equal((await ended()).length, 2 * expected, `${sampler}: ${what}`);
      t.match(span.context?.traceparent, new RegExp(`-0${expected}$`), 'receivers learn it');
    }
  }
});

t.test('a failed step is marked, without a stack', async (t) => {
  const { tracer, ended } = recordSpans();
  const error = Object.assign(new Error('it is away'), { code: 'unavailable' });
  await t.rejects(
    inSpan(tracer.start('step', []), async () => {
      throw error;
    }),
    error,
  );
  t.equal(await inSpan(tracer.start('next', []), async () => 7), 7);
  const [failed, next] = await ended();
  t.match(failed, {
    status: { code: 2, message: 'it is away' },
    attributes: { 'error.type': 'unavailable' },
    events: [],
  });
  t.match(next, { status: { code: 0 } });
});

t.test('an undefined attribute is left out', async (t) => {
  const { tracer, ended } = recordSpans();
  const span = tracer.start('x', [], { attributes: { a: 1, b: undefined } });
  span.set({ c: 'x', d: undefined });
  span.end();
  t.same((await ended())[0]?.attributes, { a: 1, c: 'x' });
});
