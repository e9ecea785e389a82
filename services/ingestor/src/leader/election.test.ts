import type { Lease, LeaseState } from '@landfall/event-bus/event-bus';
import t, { type Test } from 'tap';
import { LeadershipLostError } from '../errors/leadership-lost.ts';
import { openConditions } from '../health/conditions.ts';
import { openCampaign, PAUSES } from './campaign.ts';

/** A campaign whose lease and store the test controls. */
function setUp(t: Test, fenced: boolean | undefined, first: LeaseState = { kind: 'unknown' }) {
  const leadershipEnds: string[] = [];
  const world = { state: first, fenced, begun: 0 };
  const lease: Lease = {
    get state() {
      return world.state;
    },
    value: 0,
    raise: () => undefined,
    check: async () => world.state,
    release: async () => undefined,
  };
  const conditions = openConditions(() => 0);
  const campaign = openCampaign(
    {
      lease,
      conditions,
      isFenced: () => world.fenced,
      begin() {
        world.begun++;
        return {
          firstRun: new Promise(() => undefined),
          end: async ({ message }) => void leadershipEnds.push(message),
        };
      },
      onRole: () => undefined,
    },
    { ...PAUSES, connect: 1, first: 1, firstAlone: 1 },
  );
  t.teardown(() => campaign.stop(0));
  return {
    world,
    campaign,
    leadershipEnds,
    conditions: () => conditions.list().map(({ code }) => code),
    async change(state: LeaseState) {
      world.state = state;
      campaign.evaluate();
      await settle();
    },
    /** Waits until the bus had time to connect, or a pause is over. */
    async until(isReached: () => boolean) {
      for (let i = 0; i < 500 && !isReached(); i++) await new Promise((resolve) => setTimeout(resolve, 2));
    },
  };
}
const settle = () => new Promise(setImmediate);
const TAKEN: LeaseState = { kind: 'taken', holder: 'other' };

t.test('the holder of the lease leads, until it names another', async (t) => {
  const { campaign, world, conditions, leadershipEnds, change } = setUp(t, true, TAKEN);
  await change(TAKEN);
  t.match(campaign.role(), { role: 'waiting', reason: /other leads/, isFaulty: false });
  t.same(conditions(), ['waiting']);
  await change({ kind: 'held' });
  t.match(campaign.role(), { role: 'leader' });
  t.same(conditions(), []);
  await change(TAKEN);
  t.match(campaign.role(), { role: 'waiting' });
  t.match(leadershipEnds, [/other leads/]);
  t.equal(world.begun, 1);
});

t.test('a leader leads on while the lease is not known; one that waited waits on', async (t) => {
  const leader = setUp(t, false, { kind: 'held' });
  await leader.change({ kind: 'held' });
  await leader.change({ kind: 'unknown' });
  t.match(leader.campaign.role(), { role: 'leader' }, 'also where the store checks no conditions');
  await leader.change({ kind: 'held' });
  t.equal(leader.world.begun, 1);
  const waiting = setUp(t, true, TAKEN);
  await waiting.change(TAKEN);
  await waiting.change({ kind: 'unknown' });
  await new Promise((resolve) => setTimeout(resolve, 5));
  waiting.campaign.evaluate();
  t.match(waiting.campaign.role(), {
    role: 'waiting',
    reason: /NATS is away or refuses the lease; other led/,
  });
  t.equal(waiting.world.begun, 0);
});

t.test('without NATS at the start it leads only on a store that checks conditional puts', async (t) => {
  const fenced = setUp(t, true);
  await fenced.until(() => fenced.world.begun > 0);
  t.match(fenced.campaign.role(), { role: 'leader', reason: /fenced by conditional puts/ });

  const unfenced = setUp(t, false);
  await unfenced.until(() => unfenced.conditions().includes('not_fenced'));
  t.match(unfenced.campaign.role(), { role: 'waiting', isFaulty: true });
  t.same(unfenced.conditions(), ['not_fenced']);
  await unfenced.change({ kind: 'held' });
  t.match(unfenced.campaign.role(), { role: 'leader' });
  t.same(unfenced.conditions(), []);

  const silent = setUp(t, undefined);
  await silent.until(() => /has not answered/.test(silent.campaign.role().reason));
  t.equal(silent.world.begun, 0);
  silent.world.fenced = true;
  silent.campaign.evaluate();
  t.equal(silent.world.begun, 1, 'once the store has answered');
});

t.test('a refused put ends the leadership, and the next one begins after a pause', async (t) => {
  for (const state of [{ kind: 'held' }, { kind: 'unknown' }] satisfies LeaseState[]) {
    const { campaign, world, leadershipEnds, until } = setUp(t, true, state);
    campaign.evaluate();
    await until(() => world.begun === 1);
    campaign.lose(new LeadershipLostError('the put was refused'));
    campaign.lose(new LeadershipLostError('twice'));
    t.match(campaign.role(), { role: 'waiting' });
    await until(() => world.begun === 2);
    t.match(campaign.role(), { role: 'leader' });
    t.same(leadershipEnds, ['the put was refused']);
  }
});

t.test('after the end nothing begins', async (t) => {
  const { campaign, world, leadershipEnds, change } = setUp(t, true, { kind: 'held' });
  await change({ kind: 'held' });
  await campaign.stop(0);
  t.same(leadershipEnds, ['the ingestor stops']);
  campaign.lose(new LeadershipLostError('late'));
  await change(TAKEN);
  await change({ kind: 'held' });
  t.equal(world.begun, 1);
});
