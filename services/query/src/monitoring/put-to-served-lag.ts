import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { type PutTimes, putTimesOf } from '@landfall/contracts/messages/put-times';
import type { RunReport } from '@landfall/contracts/messages/run';

/** Generations whose report or load is awaited. */
const MAX_GENERATIONS = 100;
/** Observations per turn of the event loop. */
const PER_TURN = 1_000;

/**
 * Measures the lag from the PUT of each object to its being served. The report of a run has the times of the PUTs; it may come before
 * or after its generation is loaded. Generations that were loaded before this process started do not count.
 *
 * @param observe called once per object, with seconds
 */
export function openPutToServedLag(observe: (seconds: number) => void) {
  /** When generations were loaded, ms since 1970 UTC, in rising order. */
  const served: { generation: number; at: number }[] = [];
  let waiting: { generation: number; putTimes: PutTimes }[] = [];
  /** Reports are repeated after a reconnection. Runs do not overlap. */
  let lastStarted = '';
  let pending: Promise<void> = Promise.resolve();

  async function observeAll(putTimes: PutTimes, at: number): Promise<void> {
    let inTurn = 0;
    for (const [put, objects] of putTimes) {
      for (let i = 0; i < objects; i++) {
        observe(Math.max(0, at - put) / 1_000);
        if (++inTurn % PER_TURN === 0) await new Promise(setImmediate);
      }
    }
  }
  const enqueue = (putTimes: PutTimes, at: number): void => {
    pending = pending.then(() => observeAll(putTimes, at));
  };

  return {
    /** @param now when the generation was loaded, ms since 1970 UTC */
    handleLoaded({ generation }: Pick<Manifest, 'generation'>, now: number): void {
      served.push({ generation, at: now });
      if (served.length > MAX_GENERATIONS) served.shift();
      for (const each of waiting) if (each.generation <= generation) enqueue(each.putTimes, now);
      waiting = waiting.filter((each) => each.generation > generation);
    },

    /** Takes the report of a run. */
    receive(report: RunReport): void {
      const { generation, started_at, published } = report;
      if (!published || generation === null || started_at <= lastStarted) return;
      lastStarted = started_at;
      const putTimes = putTimesOf(report);
      if (putTimes.length === 0) return;
      // The first one that has the objects: several generations may be loaded at once.
      const loaded = served.find((each) => each.generation >= generation);
      if (loaded) enqueue(putTimes, loaded.at);
      else waiting.push({ generation, putTimes });
      if (waiting.length > MAX_GENERATIONS) waiting.shift();
    },

    /** Resolves when everything so far is observed. */
    whenObserved: (): Promise<void> => pending,
  };
}
