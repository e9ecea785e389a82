import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { confirmsBucket } from '@landfall/contracts/messages/confirms-bucket';
import type { RunReport } from '@landfall/contracts/messages/run';
import type { Generations } from '../dataset/generations.ts';
import type { Confirmation, ConfirmationFile } from './confirmation-file.ts';

/** Runs that wait until their generation is served. */
const MAX_WAITING = 100;

export type DataAge = ReturnType<typeof openDataAge>;

/**
 * How old the served data is: the time since the beginning of the last run that confirmed it. Such a run listed the whole source bucket,
 * succeeded, and its result is served, so every change up to its beginning is served.
 *
 * The age does not grow over runs that find nothing new. It grows while runs fail or are not made, while a newer generation is not
 * loaded, while removals are held back, and while reports are lost. Runs for single keys do not count: when events are lost, they
 * miss changes. The last confirmation is kept over a restart. Until one is known, the age counts from the time of the first generation that
 * was served.
 */
export function openDataAge(
  generations: Pick<Generations, 'all' | 'current'>,
  kept: Pick<ConfirmationFile, 'read' | 'write'>,
) {
  let confirmed = confirmedBefore();
  let fallback: number | undefined;
  let waiting: Confirmation[] = [];
  let text = { second: Number.NaN, served: generations.current(), value: '' };

  function confirmedBefore(): number | undefined {
    const [last, served] = [kept.read(), generations.current()];
    if (!last || !served) return undefined;
    return last.version === served.version || last.generation < served.generation ? last.at : undefined;
  }

  function confirmedAt(): number | undefined {
    const served = generations.current();
    if (!served) return undefined;
    if (waiting.length > 0) waiting = waiting.filter((each) => !confirm(each, served));
    fallback ??= Date.parse(served.created_at);
    return confirmed ?? fallback;
  }

  /** @returns whether the run confirms what is served */
  function confirm(run: Confirmation, served: Manifest): boolean {
    const isServed = run.generation === served.generation && run.version === served.version;
    // A later generation has all that the run saw. One with a higher number that was made before is of another data set.
    const isSurpassed = run.generation < served.generation && run.at <= Date.parse(served.created_at);
    if (!isServed && !isSurpassed) return false;
    if (confirmed === undefined || run.at > confirmed) {
      confirmed = run.at;
      kept.write({ generation: served.generation, version: served.version, at: run.at });
    }
    return true;
  }

  function secondsAt(now: number): number | undefined {
    const since = confirmedAt();
    return since === undefined ? undefined : Math.max(0, now - since) / 1_000;
  }

  // What is served from the start.
  confirmedAt();

  return {
    /** Call it whenever a generation is loaded: otherwise the first one that somebody asks about would count as the first one served. */
    handleLoaded: (): void => void confirmedAt(),

    /** Up to when all changes are served, ms since 1970 UTC; undefined without a data set. */
    confirmedAt,
    /** The age, seconds; undefined without a data set. @param now ms since 1970 UTC */
    secondsAt,

    /** Takes the report of a run. */
    receive(report: RunReport): void {
      const { generation, version, started_at } = report;
      if (!confirmsBucket(report) || generation === null || version === null) return;
      waiting.push({ generation, version, at: Date.parse(started_at) });
      if (waiting.length > MAX_WAITING) waiting.shift();
      text.second = Number.NaN;
    },

    /**
     * The age of an answer in whole seconds, as text. It is computed once per second. An older generation was current when it was made,
     * and is never younger than what is served.
     *
     * @param now ms since 1970 UTC
     */
    textOf(generation: number, now: number): string {
      const served = generations.current();
      if (served?.generation !== generation) {
        const made = generations.all().find((each) => each.generation === generation)?.created_at;
        const sinceMade = made === undefined ? 0 : (now - Date.parse(made)) / 1_000;
        return wholeSeconds(Math.max(sinceMade, secondsAt(now) ?? 0));
      }
      const second = Math.floor(now / 1_000);
      if (second !== text.second || served !== text.served) {
        text = { second, served, value: wholeSeconds(secondsAt(now)) };
      }
      return text.value;
    },
  };
}

const wholeSeconds = (seconds = 0): string => String(Math.max(0, Math.floor(seconds)) || 0);
