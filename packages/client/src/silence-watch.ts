import { MAX_TIMER_MS } from './wait.ts';

export type SilenceWatch = ReturnType<typeof watchSilence>;

/** A signal that aborts when `restart` has not been called for some time. It does not run before the first call. @param ms */
export function watchSilence(ms: number) {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  return {
    signal: controller.signal,
    restart(): void {
      stop();
      timer = setTimeout(
        () => controller.abort(new Error(`nothing arrived for ${ms} ms`)),
        Math.min(ms, MAX_TIMER_MS),
      );
    },
    stop,
  };
}
