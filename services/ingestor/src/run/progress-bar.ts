import { INGEST_PROGRESS_ALL, parseRun } from '@landfall/contracts/messages/events';
import { isReport, type RunPhase, type RunProgress } from '@landfall/contracts/messages/run';
import type { EventBus } from '@landfall/event-bus/event-bus';
import { SingleBar } from 'cli-progress';

/** A run that is over sooner shows nothing, ms. */
const SHOW_AFTER_MS = 500;
/** Where the output is no terminal, a line so often, ms. */
const LINE_EVERY_MS = 5_000;

/** What is counted in each phase. */
const WORDS: Record<RunPhase, string> = {
  list: 'objects listed',
  fetch: 'users mirrored',
  publish: 'rows published',
};

/**
 * Shows how far the run is that goes on: a bar in a terminal, elsewhere a line now and then.
 *
 * @param stream a terminal or not
 * @returns stops it
 */
export function showProgress(bus: EventBus, stream: NodeJS.WriteStream): () => void {
  let began: { runId: string; at: number } | undefined;
  let shown: { bar: SingleBar; phase: RunPhase } | undefined;

  function hide(): void {
    shown?.bar.stop();
    shown = undefined;
  }

  function show(run: RunProgress): void {
    if (shown?.phase !== run.phase) {
      hide();
      shown = { bar: makeBar(stream, run.total !== null), phase: run.phase };
      shown.bar.start(run.total ?? 0, run.done, wordsOf(run));
    }
    shown.bar.update(run.done, wordsOf(run));
  }

  const unsubscribe = bus.subscribe(INGEST_PROGRESS_ALL, (message) => {
    const run = parseRun(message);
    if (isReport(run)) hide();
    if (isReport(run) || run.status === 'queued') return;
    if (began?.runId !== run.run_id) began = { runId: run.run_id, at: performance.now() };
    if (performance.now() - began.at >= SHOW_AFTER_MS) show(run);
  });
  return () => {
    unsubscribe();
    hide();
  };
}

/** @param hasTotal without one there is nothing to draw */
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
    notTTYSchedule: LINE_EVERY_MS,
    gracefulExit: false,
  });
}

/** What stands before the bar, and after it. */
export function wordsOf({ phase, done, total, rate, remaining_ms }: RunProgress): {
  what: string;
  pace: string;
} {
  const pace = [
    total === null ? whole(done) : `${whole(done)} of ${whole(total)}`,
    ...(rate === null ? [] : [`${whole(rate)}/s`]),
    ...(remaining_ms === null ? [] : [`${Math.ceil(remaining_ms / 1_000)} s left`]),
  ];
  return { what: WORDS[phase], pace: pace.join(' · ') };
}

const whole = (count: number): string => Math.round(count).toLocaleString('en');
