import type { Condition } from '@landfall/contracts/messages/condition';
import { INGEST_ALIVE, parseIngestorAlive } from '@landfall/contracts/messages/events';
import { isReport, type Run } from '@landfall/contracts/messages/run';
import { BusError, type EventBus } from '@landfall/event-bus/event-bus';
import type { Logger } from '@landfall/process/logger';
import type { DataSet } from '../dataset/data-set.ts';
import type { Follower } from '../follow/follower.ts';
import { describeLoadFault } from '../follow/load-fault.ts';
import { type IngestorState, type OwnCode, type Status, statusOf } from './health-status.ts';
import type { RunHistory } from './run-history.ts';

/** What the status is made of. */
export interface StatusMonitorDeps {
  bus: EventBus;
  dataSet: Pick<DataSet, 'generations'>;
  follower: Pick<Follower, 'fault'>;
  runs: Pick<RunHistory, 'newestFirst'>;
  /** Whether the database is damaged, or not loaded again since. */
  isDamaged: () => boolean;
  /** Called with every change. */
  onChange: (status: Status) => void;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

export type StatusMonitor = ReturnType<typeof openStatusMonitor>;

/** Between two checks whether the status has changed, ms. */
const CHECK_EVERY_MS = 1_000;
/** Between two requests to the ingestor, ms, and how long each waits. */
const ASK_EVERY_MS = 5_000;
const ANSWER_WITHIN_MS = 4_000;
/** After so many failed requests in a row the ingestor is silent: a busy one may miss one. */
const SILENT_AFTER = 2;
/** A subject that no service answers: NATS says so at once, where it answers at all. */
const NOBODY = 'ingest.nobody';
const NATS_WITHIN_MS = 2_000;

type Missed = { state: Exclude<IngestorState, 'answers' | 'unknown'> | 'bus'; times: number };

/** Watches the health of the service, and asks the ingestor for its own from time to time. */
export function openStatusMonitor(deps: StatusMonitorDeps) {
  const { bus, dataSet, follower, runs, isDamaged, onChange, clock, log } = deps;
  let ingestor: 'unknown' | 'answers' | Missed = 'unknown';
  let conditions: readonly Condition[] | undefined;
  /** The time of the newest report whose conditions were taken. */
  let reportedAt = '';
  let last = '';
  let asking: Promise<void> | undefined;
  let askAgain = false;
  let isStopped = false;
  const firstSeen = new Map<OwnCode, string>();

  /** One request at a time; who asks during one gets a further one after it. */
  function ask(): void {
    if (isStopped) return;
    if (asking) {
      askAgain = true;
      return;
    }
    asking = request()
      .catch((err) => log.warn({ err }, 'the ingestor could not be asked for its health'))
      .finally(() => {
        asking = undefined;
        changed();
        if (!askAgain) return;
        askAgain = false;
        ask();
      });
  }

  async function request(): Promise<void> {
    if (!bus.connected) {
      ingestor = 'unknown';
      return;
    }
    try {
      const reply = parseIngestorAlive(await bus.request(INGEST_ALIVE, {}, ANSWER_WITHIN_MS));
      ingestor = 'answers';
      conditions = reply.conditions;
    } catch (error) {
      const state = await whoIsSilent(error);
      const times = typeof ingestor === 'object' ? ingestor.times + 1 : 1;
      ingestor = bus.connected ? { state, times } : 'unknown';
    }
  }

  /** Without an answer in time it may be NATS that hangs, on a connection that looks well. */
  async function whoIsSilent(error: unknown): Promise<Missed['state']> {
    if (!(error instanceof BusError)) return 'hangs';
    if (error.code === 'no_responders') return 'absent';
    const natsAnswers = await bus.request(NOBODY, {}, NATS_WITHIN_MS).then(
      () => true,
      (failure) => failure instanceof BusError && failure.code === 'no_responders',
    );
    return natsAnswers ? 'hangs' : 'bus';
  }

  function status(): Status {
    const silent =
      typeof ingestor === 'object' && ingestor.times >= SILENT_AFTER ? ingestor.state : undefined;
    const fault = follower.fault();
    const now = new Date(clock()).toISOString();
    const seen = new Set<OwnCode>();
    const status = statusOf(
      {
        served: dataSet.generations.current(),
        runs: runs.newestFirst(),
        loadFault: fault === undefined ? undefined : describeLoadFault(fault),
        isDamaged: isDamaged(),
        ingestor: silent === undefined || silent === 'bus' ? 'unknown' : silent,
        ingestorConditions: conditions,
        busAnswers: bus.connected && silent !== 'bus',
      },
      (code) => {
        seen.add(code);
        const since = firstSeen.get(code) ?? now;
        firstSeen.set(code, since);
        return since;
      },
    );
    for (const code of firstSeen.keys()) if (!seen.has(code)) firstSeen.delete(code);
    return status;
  }

  /** Reports the status when it has changed. */
  function changed(): void {
    try {
      const now = status();
      const text = JSON.stringify(now);
      if (text === last) return;
      last = text;
      onChange(now);
    } catch (err) {
      log.error({ err }, 'the status could not be determined');
    }
  }

  const timers = [setInterval(changed, CHECK_EVERY_MS), setInterval(ask, ASK_EVERY_MS)];
  for (const timer of timers) timer.unref();
  ask();
  return {
    status,
    /** A run goes on, or is over: its report says what is wrong, and the ingestor is asked at once. */
    onRun(run: Run): void {
      if (!isReport(run) || !run.conditions || run.finished_at < reportedAt) return;
      reportedAt = run.finished_at;
      conditions = run.conditions;
      changed();
      ask();
    },
    stop(): void {
      isStopped = true;
      timers.forEach(clearInterval);
    },
  };
}
