import { INGEST_PROGRESS_ALL, parseRun } from '@landfall/contracts/messages/events';
import { isReport, type RunPhase, type RunProgress } from '@landfall/contracts/messages/run';
import type { EventBus } from '@landfall/event-bus/event-bus';
import { SingleBar } from 'cli-progress';

/** A run that ends sooner shows nothing, ms. */
const SHOW_AFTER_MS = 500;
/** Time between two lines when the output is not a terminal, ms. */
const LINE_INTERVAL_MS = 5_000;

/** The unit of each phase. */
const UNITS: Record<RunPhase, string> = {
  list: 'objects listed',
  fetch: 'rows processed',
  publish: 'rows published',
};

/**
 * Shows the progress of the active run: a bar in a terminal, otherwise a line every few seconds.
 *
 * @returns stops it
 */
export function showProgress(bus: EventBus, stream: NodeJS.WriteStream): () => void {
  let current: { runId: string; at: number } | undefined;
  let shown: { bar: SingleBar; phase: RunPhase } | undefined;

  function hide(): void {
    shown?.bar.stop();
    shown = undefined;
  }

  function show(run: RunProgress): void {
    if (shown?.phase !== run.phase) {
      hide();
      shown = { bar: makeBar(stream, run.total !== null), phase: run.phase };
      shown.bar.start(run.total ?? 0, run.done, labelsOf(run));
    }
    shown.bar.update(run.done, labelsOf(run));
  }

  const unsubscribe = bus.subscribe(INGEST_PROGRESS_ALL, (message) => {
    const run = parseRun(message);
    if (isReport(run)) hide();
    if (isReport(run) || run.status === 'queued') return;
    if (current?.runId !== run.run_id) current = { runId: run.run_id, at: performance.now() };
    if (performance.now() - current.at >= SHOW_AFTER_MS) show(run);
  });
  return () => {
    unsubscribe();
    hide();
  };
}

/** @param hasTotal without a total, only the count is shown */
function makeBar(stream: NodeJS.WriteStream, hasTotal: boolean): SingleBar {
  return new SingleBar({
    stream,
    format: hasTotal ? '{what} {bar} {pace}' : '{what} {pace}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    noTTYOutput: true,
    notTTYSchedule: LINE_INTERVAL_MS,
    gracefulExit: false,
  });
}

/** The texts before and after the bar. */
export function labelsOf({ phase, done, total, rate, remaining_ms }: RunProgress): {
  what: string;
  pace: string;
} {
  const pace = [
    total === null ? whole(done) : `${whole(done)} of ${whole(total)}`,
    ...(rate === null ? [] : [`${whole(rate)}/s`]),
    ...(remaining_ms === null ? [] : [`${Math.ceil(remaining_ms / 1_000)} s left`]),
  ];
  return { what: UNITS[phase], pace: pace.join(' · ') };
}

const whole = (count: number): string => Math.round(count).toLocaleString('en');
