import type { Lease, LeaseState } from '@landfall/event-bus/event-bus';
import t, { type Test } from 'tap';
import { LeadershipLostError } from '../errors/leadership-lost.ts';
import { openConditions } from '../health/conditions.ts';
import { openElection, PAUSES } from './election.ts';

/** An election with a lease and a store that the test controls. */
function setUp(t: Test, fenced: boolean | undefined, first: LeaseState = { kind: 'unknown' }) {
  const leadershipEnds: string[] = [];
  const fixture = { state: first, fenced, started: 0 };
  const lease: Lease = {
    get state() {
      return fixture.state;
    },
    value: 0,
    raise: () => undefined,
    check: async () => fixture.state,
    release: async () => undefined,
  };
  const conditions = openConditions(() => 0);
  const election = openElection(
    {
      lease,
      conditions,
      hasConditionalPut: () => fixture.fenced,
      startLeadership() {
        fixture.started++;
        return {
          firstRun: new Promise(() => undefined),
          end: async ({ message }) => void leadershipEnds.push(message),
        };
      },
      onRole: () => undefined,
    },
    { ...PAUSES, connect: 1, first: 1, firstAlone: 1 },
  );
  t.teardown(() => election.stop(0));
  return {
    fixture,
    election,
    leadershipEnds,
    conditions: () => conditions.list().map(({ code }) => code),
    async change(state: LeaseState) {
      fixture.state = state;
      election.evaluate();
      await settle();
    },
    /** Waits until the time to connect or a pause has elapsed. */
    async until(isReached: () => boolean) {
      for (let i = 0; i < 500 && !isReached(); i++) await new Promise((resolve) => setTimeout(resolve, 2));
    },
  };
}
const settle = () => new Promise(setImmediate);
const TAKEN: LeaseState = { kind: 'taken', holder: 'other' };

t.test('the holder of the lease leads, until it names another', async (t) => {
  const { election, fixture, conditions, leadershipEnds, change } = setUp(t, true, TAKEN);
  await change(TAKEN);
  t.match(election.role(), { role: 'waiting', reason: /other leads/, isFaulty: false });
  t.same(conditions(), ['waiting']);
  await change({ kind: 'held' });
  t.match(election.role(), { role: 'leader' });
  t.same(conditions(), []);
  await change(TAKEN);
  t.match(election.role(), { role: 'waiting' });
  t.match(leadershipEnds, [/other leads/]);
  t.equal(fixture.started, 1);
});

t.test(
  'while the state of the lease is unknown, a leader continues and a waiting ingestor waits',
  async (t) => {
    const leader = setUp(t, false, { kind: 'held' });
    await leader.change({ kind: 'held' });
    await leader.change({ kind: 'unknown' });
    t.match(leader.election.role(), { role: 'leader' }, 'also when the store ignores conditional puts');
    await leader.change({ kind: 'held' });
    t.equal(leader.fixture.started, 1);
    const waiting = setUp(t, true, TAKEN);
    await waiting.change(TAKEN);
    await waiting.change({ kind: 'unknown' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    waiting.election.evaluate();
    t.match(waiting.election.role(), {
      role: 'waiting',
      reason: /NATS is away or refuses the lease; other led/,
    });
    t.equal(waiting.fixture.started, 0);
  },
);

t.test(
  'without NATS at the start, an ingestor leads only if the store enforces conditional puts',
  async (t) => {
    const fenced = setUp(t, true);
    await fenced.until(() => fenced.fixture.started > 0);
    t.match(fenced.election.role(), { role: 'leader', reason: /fenced by conditional puts/ });

    const unfenced = setUp(t, false);
    await unfenced.until(() => unfenced.conditions().includes('not_fenced'));
    t.match(unfenced.election.role(), { role: 'waiting', isFaulty: true });
    t.same(unfenced.conditions(), ['not_fenced']);
    await unfenced.change({ kind: 'held' });
    t.match(unfenced.election.role(), { role: 'leader' });
    t.same(unfenced.conditions(), []);

    const silent = setUp(t, undefined);
    await silent.until(() => /has not answered/.test(silent.election.role().reason));
    t.equal(silent.fixture.started, 0);
    silent.fixture.fenced = true;
    silent.election.evaluate();
    t.equal(silent.fixture.started, 1, 'once the store has answered');
  },
);

t.test('a refused put ends the leadership, and the next one starts after a pause', async (t) => {
  for (const state of [{ kind: 'held' }, { kind: 'unknown' }] satisfies LeaseState[]) {
    const { election, fixture, leadershipEnds, until } = setUp(t, true, state);
    election.evaluate();
    await until(() => fixture.started === 1);
    election.endLostLeadership(new LeadershipLostError('the put was refused'));
    election.endLostLeadership(new LeadershipLostError('twice'));
    t.match(election.role(), { role: 'waiting' });
    await until(() => fixture.started === 2);
    t.match(election.role(), { role: 'leader' });
    t.same(leadershipEnds, ['the put was refused']);
  }
});

t.test('no leadership starts after stop', async (t) => {
  const { election, fixture, leadershipEnds, change } = setUp(t, true, { kind: 'held' });
  await change({ kind: 'held' });
  await election.stop(0);
  t.same(leadershipEnds, ['the ingestor stops']);
  election.endLostLeadership(new LeadershipLostError('late'));
  await change(TAKEN);
  await change({ kind: 'held' });
  t.equal(fixture.started, 1);
});
