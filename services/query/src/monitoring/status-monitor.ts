import type { Condition } from '@landfall/contracts/messages/condition';
import { INGEST_ALIVE, parseIngestorAlive } from '@landfall/contracts/messages/events';
import { isReport, type Run } from '@landfall/contracts/messages/run';
import { BusError, type EventBus } from '@landfall/event-bus/event-bus';
import type { Logger } from '@landfall/process/logger';
import type { DataSet } from '../dataset/data-set.ts';
import type { Follower } from '../follow/follower.ts';
import { describeLoadFault } from '../follow/load-fault.ts';
import type { DataAge } from './data-age.ts';
import { type IngestorState, type OwnCode, type Status, statusOf } from './health-status.ts';
import type { RunHistory } from './run-history.ts';

/** The sources of the status. */
export interface StatusMonitorDeps {
  bus: EventBus;
  dataSet: Pick<DataSet, 'generations'>;
  follower: Pick<Follower, 'fault' | 'isOtherDefinition'>;
  runs: Pick<RunHistory, 'newestFirst'>;
  /** Whether the database is damaged and not rebuilt yet. */
  isDamaged: () => boolean;
  /** Why the token file cannot be used again; undefined when it can. */
  accessFault: () => string | undefined;
  dataAge: Pick<DataAge, 'confirmedAt' | 'receive'>;
  /** Age above which the data counts as old, ms. */
  freshnessLimitMs: number;
  /** Called with every change. */
  onChange: (status: Status) => void;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

export type StatusMonitor = ReturnType<typeof openStatusMonitor>;

/** Interval of the checks whether the status has changed, ms. */
const CHECK_EVERY_MS = 1_000;
/** Interval and timeout of the health requests to the ingestor, ms. */
const REQUEST_EVERY_MS = 5_000;
const REPLY_TIMEOUT_MS = 4_000;
/** Failed requests in a row after which the ingestor counts as silent. A busy ingestor may miss one. */
const SILENT_AFTER = 2;
/** A subject without subscribers: NATS reports that at once, unless NATS itself hangs. */
const UNUSED_SUBJECT = 'ingest.nobody';
const NATS_TIMEOUT_MS = 2_000;

type MissedReplies = { state: Exclude<IngestorState, 'answers' | 'unknown'> | 'bus'; times: number };

/** Monitors the health of the service, and requests the health of the ingestor at intervals. */
export function openStatusMonitor(deps: StatusMonitorDeps) {
  const { bus, dataSet, follower, runs, isDamaged, accessFault, dataAge, freshnessLimitMs } = deps;
  const { onChange, clock, log } = deps;
  let ingestor: 'unknown' | 'answers' | MissedReplies = 'unknown';
  let conditions: readonly Condition[] | undefined;
  /** `finished_at` of the newest report whose conditions are used. */
  let reportedAt = '';
  let last = '';
  let pending: Promise<void> | undefined;
  let isRequestedAgain = false;
  let isStopped = false;
  const firstSeen = new Map<OwnCode, string>();

  /** Requests the ingestor's health. A call during a request causes one further request after it. */
  function requestHealth(): void {
    if (isStopped) return;
    if (pending) {
      isRequestedAgain = true;
      return;
    }
    pending = sendRequest()
      .catch((err) => log.warn({ err }, 'the health of the ingestor could not be requested'))
      .finally(() => {
        pending = undefined;
        publishIfChanged();
        if (!isRequestedAgain) return;
        isRequestedAgain = false;
        requestHealth();
      });
  }

  async function sendRequest(): Promise<void> {
    if (!bus.connected) {
      ingestor = 'unknown';
      return;
    }
    try {
      const reply = parseIngestorAlive(await bus.request(INGEST_ALIVE, {}, REPLY_TIMEOUT_MS));
      ingestor = 'answers';
      conditions = reply.conditions;
    } catch (error) {
      const state = await classifyFailure(error);
      const times = typeof ingestor === 'object' ? ingestor.times + 1 : 1;
      ingestor = bus.connected ? { state, times } : 'unknown';
    }
  }

  /** Finds out what failed. After a timeout it may be NATS that hangs, although the connection is open. */
  async function classifyFailure(error: unknown): Promise<MissedReplies['state']> {
    if (!(error instanceof BusError)) return 'hangs';
    if (error.code === 'no_responders') return 'absent';
    const natsResponds = await bus.request(UNUSED_SUBJECT, {}, NATS_TIMEOUT_MS).then(
      () => true,
      (failure) => failure instanceof BusError && failure.code === 'no_responders',
    );
    return natsResponds ? 'hangs' : 'bus';
  }

  function status(): Status {
    const silent =
      typeof ingestor === 'object' && ingestor.times >= SILENT_AFTER ? ingestor.state : undefined;
    const fault = follower.fault();
    const confirmedAt = dataAge.confirmedAt();
    const isOld = confirmedAt !== undefined && clock() - confirmedAt > freshnessLimitMs;
    const seen = new Set<OwnCode>();
    const status = statusOf(
      {
        served: dataSet.generations.current(),
        runs: runs.newestFirst(),
        loadFault: fault === undefined ? undefined : describeLoadFault(fault),
        isOtherDefinition: follower.isOtherDefinition(),
        isDamaged: isDamaged(),
        ingestor: silent === undefined || silent === 'bus' ? 'unknown' : silent,
        ingestorConditions: conditions,
        busAnswers: bus.connected && silent !== 'bus',
        missingStreams: bus.missingStreams,
        accessFault: accessFault(),
        confirmedAt,
        exceededLimitMs: isOld ? freshnessLimitMs : undefined,
      },
      (code) => {
        seen.add(code);
        const since = firstSeen.get(code) ?? new Date(clock()).toISOString();
        firstSeen.set(code, since);
        return since;
      },
    );
    for (const code of firstSeen.keys()) if (!seen.has(code)) firstSeen.delete(code);
    return status;
  }

  /** Calls `onChange` when the status has changed. */
  function publishIfChanged(): void {
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

  const timers = [
    setInterval(publishIfChanged, CHECK_EVERY_MS),
    setInterval(requestHealth, REQUEST_EVERY_MS),
  ];
  for (const timer of timers) timer.unref();
  requestHealth();
  return {
    status,
    /** Takes the conditions of a run's report, and requests the ingestor's health at once. */
    handleRun(run: Run): void {
      if (isReport(run)) dataAge.receive(run);
      if (!isReport(run) || !run.conditions || run.finished_at < reportedAt) return;
      reportedAt = run.finished_at;
      conditions = run.conditions;
      publishIfChanged();
      requestHealth();
    },
    stop(): void {
      isStopped = true;
      timers.forEach(clearInterval);
    },
  };
}
