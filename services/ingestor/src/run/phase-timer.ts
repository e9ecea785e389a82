import type { RunPhase } from '@landfall/contracts/messages/run';
import type { Span } from '@landfall/tracing/span';
import type { OnProgress } from './progress.ts';

/** How long the phases of a run took, seconds. A phase that the run did not reach is missing. */
export type PhaseSeconds = Partial<Record<RunPhase, number>>;

/**
 * Measures the phases of a run by its progress, and makes a span of each.
 *
 * @param run the span of the run
 * @param now monotonic, ms
 */
export function timePhases(onProgress: OnProgress, run: Span, now: () => number = () => performance.now()) {
  const seconds: PhaseSeconds = {};
  let current: RunPhase | undefined;
  let since = 0;
  let span = run;

  function begin(phase: RunPhase | undefined): void {
    const at = now();
    if (current) {
      seconds[current] = (seconds[current] ?? 0) + (at - since) / 1_000;
      span.end();
    }
    span = phase ? run.child(phase) : run;
    [current, since] = [phase, at];
  }

  return {
    onProgress: ((phase, done, total) => {
      if (phase !== current) begin(phase);
      onProgress(phase, done, total);
    }) satisfies OnProgress,
    /** The span of the current phase; that of the run, when there is none. */
    span: () => span,
    /** Ends the last phase. */
    end(): PhaseSeconds {
      begin(undefined);
      return seconds;
    },
  };
}
