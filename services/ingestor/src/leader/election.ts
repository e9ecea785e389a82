import type { Lease, LeaseState } from '@landfall/event-bus/event-bus';
import { LeadershipLostError } from '../errors/leadership-lost.ts';
import type { ConditionCode, Conditions } from '../health/conditions.ts';
import type { Leadership } from './leadership.ts';

/** Whether an ingestor leads, and why. */
export interface Role {
  role: 'leader' | 'waiting';
  reason: string;
  /** Whether it waits because of a fault, not because another ingestor leads. */
  isFaulty: boolean;
}

export interface ElectionDeps {
  lease: Lease;
  conditions: Conditions;
  /** Whether the store enforces conditional puts; undefined until it has answered. */
  hasConditionalPut: () => boolean | undefined;
  startLeadership: () => Leadership;
  /** Called when the role or its reason changes. */
  onRole: (role: Role) => void;
}

/** Waiting times, ms; only tests change them. */
export const PAUSES = {
  /** At the start, how long to wait for the bus before leading without it. */
  connect: 2_000,
  /** Minimum pause after a lost leadership; it doubles with each loss. */
  first: 1_000,
  /** The same while the bus is away: another ingestor publishes, and it is not known whether it holds the lease. */
  firstAlone: 15_000,
  longest: 60_000,
};

type Decision =
  | { leads: true; reason: string }
  | { leads: false; reason: string; code: Extract<ConditionCode, 'waiting' | 'not_fenced'> };

const lead = (reason: string): Decision => ({ leads: true, reason });
const wait = (reason: string): Decision => ({ leads: false, code: 'waiting', reason });
const AWAY = 'NATS is away or refuses the lease';

/**
 * Starts and ends leaderships. An ingestor leads while it holds the lease. While the bus is away, a leader continues, fenced by
 * conditional puts, until the lease names another holder or a put is refused. An ingestor that starts while the bus is away
 * leads only if the store enforces conditional puts.
 */
export function openElection(
  { lease, conditions, hasConditionalPut, startLeadership, onRole }: ElectionDeps,
  pauses: typeof PAUSES = PAUSES,
) {
  let leadership: Leadership | undefined;
  let ending: Promise<void> | undefined;
  let lastRole: Role = { role: 'waiting', reason: '', isFaulty: false };
  /** The last other holder of the lease, until this ingestor holds it. */
  let otherHolder: string | undefined;
  let connectTimeElapsed = false;
  let losses = 0;
  /** Set after a loss and cleared by a timer. Comparing times instead would fail: a timer may fire slightly early. */
  let isPaused = false;
  let hasStopped = false;
  const timers = new Set<NodeJS.Timeout>();

  function decide(): Decision {
    const { state } = lease;
    if (state.kind === 'taken') return wait(`${state.holder} leads: this ingestor waits`);
    if (isPaused) return wait('the leadership was lost to another ingestor a moment ago');
    if (state.kind === 'held') return lead('this ingestor leads');
    return decideWithoutLease();
  }

  function decideWithoutLease(): Decision {
    if (leadership) return lead(`${AWAY}: this ingestor led before, and goes on`);
    if (otherHolder !== undefined) return wait(`${AWAY}; ${otherHolder} led last: this ingestor waits`);
    if (!connectTimeElapsed) return wait('NATS is not connected yet');
    const isFenced = hasConditionalPut();
    if (isFenced === undefined)
      return wait(`${AWAY}, and the store has not answered yet whether it checks conditional puts`);
    if (isFenced) return lead(`${AWAY}: this ingestor leads, fenced by conditional puts`);
    const reason = `${AWAY}, and the store ignores conditional puts: nothing would keep two ingestors apart`;
    return { leads: false, code: 'not_fenced', reason };
  }

  function evaluate(): void {
    if (hasStopped || ending) return;
    recordHolder(lease.state);
    const decision = decide();
    if (decision.leads && !leadership) {
      conditions.reset();
      setRole({ role: 'leader', reason: decision.reason, isFaulty: false });
      leadership = startLeadership();
    } else if (decision.leads) {
      setRole({ role: 'leader', reason: decision.reason, isFaulty: false });
    } else if (leadership) {
      endLeadership(decision.reason);
    } else {
      conditions.clear(decision.code === 'waiting' ? 'not_fenced' : 'waiting');
      conditions.set(decision.code, decision.reason);
      setRole({ role: 'waiting', reason: decision.reason, isFaulty: decision.code === 'not_fenced' });
    }
  }

  function recordHolder(state: LeaseState): void {
    if (state.kind === 'taken') otherHolder = state.holder;
    if (state.kind === 'held') otherHolder = undefined;
  }

  function setRole(role: Role): void {
    const isSame = role.role === lastRole.role && role.reason === lastRole.reason;
    lastRole = role;
    if (!isSame) onRole(role);
  }

  function endLeadership(reason: string): void {
    if (!leadership) return;
    setRole({ role: 'waiting', reason, isFaulty: false });
    ending = leadership.end(new LeadershipLostError(reason), 0).finally(() => {
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

  const connectTimer = setTimeout(() => {
    connectTimeElapsed = true;
    evaluate();
  }, pauses.connect);
  timers.add(connectTimer.unref());

  return {
    /** Starts or ends a leadership when the state of the lease or of the store requires it. */
    evaluate,
    role: () => lastRole,
    /** Ends a leadership that a run found lost: another ingestor has published. */
    endLostLeadership({ message }: LeadershipLostError): void {
      if (hasStopped || ending || !leadership) return;
      const first = lease.state.kind === 'unknown' ? pauses.firstAlone : pauses.first;
      pauseFor(Math.min(first * 2 ** losses++, pauses.longest));
      endLeadership(message);
    },
    /** Resets the pause after a loss. Call it after a successful run. */
    resetBackoff(): void {
      losses = 0;
    },
    /** @param graceMs how long an active run may go on before it is aborted, ms */
    async stop(graceMs: number): Promise<void> {
      hasStopped = true;
      for (const timer of timers) clearTimeout(timer);
      await ending;
      await leadership?.end(new LeadershipLostError('the ingestor stops'), graceMs);
    },
  };
}
