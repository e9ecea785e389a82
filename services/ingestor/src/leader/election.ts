import type { Lease, LeaseState } from '@landfall/event-bus/event-bus';
import { LeadershipLostError } from '../errors/leadership-lost.ts';
import type { ConditionCode, Conditions } from '../health/conditions.ts';
import type { Leadership } from './lead.ts';

/** Whether an ingestor leads, and why it does or does not. */
export interface Role {
  role: 'leader' | 'waiting';
  reason: string;
  /** Whether it waits because of a fault, and not because another ingestor leads. */
  isFaulty: boolean;
}

/** What a campaign needs. */
export interface CampaignDeps {
  lease: Lease;
  conditions: Conditions;
  /** Whether the store checks conditional puts; undefined until it has answered. */
  isFenced: () => boolean | undefined;
  begin: () => Leadership;
  /** Called when the role or its reason changes. */
  onRole: (role: Role) => void;
}

/** How long a campaign waits, ms; only tests need others. */
export const PAUSES = {
  /** For the bus to connect at the start, before an ingestor leads without it. */
  connect: 2_000,
  /** After a lost leadership the next one begins this much later at the earliest, and twice as late each time. */
  first: 1_000,
  /** The same while the bus is away: somebody else publishes, and whether they have the lease is not known. */
  firstAlone: 15_000,
  longest: 60_000,
};

type Decision =
  | { leads: true; reason: string }
  | { leads: false; reason: string; code: Extract<ConditionCode, 'waiting' | 'not_fenced'> };

/**
 * Begins and ends leaderships. An ingestor leads while it has the lease. One that leads goes on while the bus is away, with
 * conditional puts as its fence, until the lease names another holder or a put is refused. One that starts while the bus is
 * away leads, too, if the store checks conditional puts.
 */
export function openCampaign(
  { lease, conditions, isFenced, begin, onRole }: CampaignDeps,
  pauses: typeof PAUSES = PAUSES,
) {
  let leadership: Leadership | undefined;
  let ending: Promise<void> | undefined;
  let last: Role = { role: 'waiting', reason: '', isFaulty: false };
  /** The holder that the lease named last, until we have it ourselves. */
  let other: string | undefined;
  let hasConnected = false;
  let losses = 0;
  /** After a loss, until a timer ends it. Not a time that is compared: a timer may fire a little before it. */
  let isPaused = false;
  let hasStopped = false;
  const timers = new Set<NodeJS.Timeout>();

  function decide(): Decision {
    const state = lease.state;
    if (state.kind === 'taken') {
      return { leads: false, code: 'waiting', reason: `${state.holder} leads: this ingestor waits` };
    }
    if (isPaused) {
      const reason = 'the leadership was lost to another ingestor a moment ago';
      return { leads: false, code: 'waiting', reason };
    }
    if (state.kind === 'held') return { leads: true, reason: 'this ingestor leads' };
    return decideAlone();
  }

  /** While the lease is not known. */
  function decideAlone(): Decision {
    if (leadership)
      return {
        leads: true,
        reason: 'NATS is away or refuses the lease: this ingestor led before, and goes on',
      };
    if (other !== undefined) {
      const reason = `NATS is away or refuses the lease; ${other} led last: this ingestor waits`;
      return { leads: false, code: 'waiting', reason };
    }
    if (!hasConnected) return { leads: false, code: 'waiting', reason: 'NATS is not connected yet' };
    const fenced = isFenced();
    if (fenced === undefined) {
      const reason =
        'NATS is away or refuses the lease, and the store has not answered yet whether it checks conditional puts';
      return { leads: false, code: 'waiting', reason };
    }
    if (fenced)
      return {
        leads: true,
        reason: 'NATS is away or refuses the lease: this ingestor leads, fenced by conditional puts',
      };
    const reason =
      'NATS is away or refuses the lease, and the store ignores conditional puts: nothing would keep two ingestors apart';
    return { leads: false, code: 'not_fenced', reason };
  }

  function evaluate(): void {
    if (hasStopped || ending) return;
    note(lease.state);
    const decision = decide();
    if (decision.leads && !leadership) {
      conditions.reset();
      become({ role: 'leader', reason: decision.reason, isFaulty: false });
      leadership = begin();
    } else if (decision.leads) {
      become({ role: 'leader', reason: decision.reason, isFaulty: false });
    } else if (leadership) {
      endLeadership(decision.reason);
    } else {
      conditions.clear(decision.code === 'waiting' ? 'not_fenced' : 'waiting');
      conditions.set(decision.code, decision.reason);
      become({ role: 'waiting', reason: decision.reason, isFaulty: decision.code === 'not_fenced' });
    }
  }

  function note(state: LeaseState): void {
    if (state.kind === 'taken') other = state.holder;
    if (state.kind === 'held') other = undefined;
  }

  function become(role: Role): void {
    const isSame = role.role === last.role && role.reason === last.reason;
    last = role;
    if (!isSame) onRole(role);
  }

  function endLeadership(reason: string): void {
    const ended = leadership;
    if (!ended) return;
    become({ role: 'waiting', reason, isFaulty: false });
    ending = ended.end(new LeadershipLostError(reason), 0).finally(() => {
      leadership = undefined;
      ending = undefined;
      conditions.reset();
      evaluate();
    });
  }

  function pauseFor(ms: number): void {
    isPaused = true;
    const timer = setTimeout(() => {
      timers.delete(timer);
      isPaused = false;
      evaluate();
    }, ms);
    timers.add(timer.unref());
  }

  const connecting = setTimeout(() => {
    hasConnected = true;
    evaluate();
  }, pauses.connect);
  timers.add(connecting.unref());

  return {
    evaluate,
    role: () => last,
    leads: () => leadership !== undefined,
    /** A run was refused: somebody else has published. */
    lose({ message }: LeadershipLostError): void {
      if (hasStopped || ending || !leadership) return;
      const first = lease.state.kind === 'unknown' ? pauses.firstAlone : pauses.first;
      const pause = Math.min(first * 2 ** losses++, pauses.longest);
      pauseFor(pause);
      endLeadership(message);
    },
    /** A run has succeeded. */
    confirm(): void {
      losses = 0;
    },
    /** @param graceMs how long a run that goes on may take to end by itself, ms */
    async stop(graceMs: number): Promise<void> {
      hasStopped = true;
      for (const timer of timers) clearTimeout(timer);
      await ending;
      await leadership?.end(new LeadershipLostError('the ingestor stops'), graceMs);
    },
  };
}
