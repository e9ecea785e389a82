import { INGEST_ALIVE } from '@landfall/contracts/events';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { DataSet } from './data-set.ts';
import type { Follower } from './follow.ts';
import type { RunHistory } from './run-history.ts';
import { type Facts, type Status, statusOf } from './status.ts';

/** What the status is read off. */
export interface WatchDeps {
  bus: EventBus;
  dataSet: DataSet;
  follower: Follower;
  runs: RunHistory;
  /** Hears of every change. */
  onChange: (status: Status) => void;
}

export type StatusWatch = ReturnType<typeof watchStatus>;

/** Whether the bus is away is seen this soon, ms. */
const LOOK_EVERY_MS = 1_000;
/** The ingestor is asked this often, ms; it has so long to answer. */
const ASK_EVERY_MS = 5_000;
const ANSWER_WITHIN_MS = 4_000;
/** A busy ingestor may miss one; after so many it is silent. */
const SILENT_AFTER = 2;

/** Watches how well it goes, and asks the ingestor from time to time whether it is there. */
export function watchStatus({ bus, dataSet, follower, runs, onChange }: WatchDeps) {
  let missed: number | undefined;
  let last = '';

  async function ask(): Promise<void> {
    if (!bus.connected) missed = undefined;
    else {
      const answers = await bus.request(INGEST_ALIVE, {}, ANSWER_WITHIN_MS).then(
        () => true,
        () => false,
      );
      missed = answers ? 0 : (missed ?? 0) + 1;
    }
    look();
  }

  const status = (): Status =>
    statusOf({
      served: dataSet.generations.current(),
      runs: runs.newestFirst(),
      loadFailed: follower.fault() !== undefined,
      ingestorAnswers: ingestorAnswers(missed),
      busConnected: bus.connected,
    });

  /** Tells of the status when it has changed. */
  function look(): void {
    const now = status();
    const text = JSON.stringify(now);
    if (text === last) return;
    last = text;
    onChange(now);
  }

  const timers = [setInterval(look, LOOK_EVERY_MS), setInterval(() => void ask(), ASK_EVERY_MS)];
  for (const timer of timers) timer.unref();
  void ask();
  return {
    status,
    look,
    stop: () => timers.forEach(clearInterval),
  };
}

function ingestorAnswers(missed: number | undefined): Facts['ingestorAnswers'] {
  if (missed === undefined) return undefined;
  return missed < SILENT_AFTER;
}
