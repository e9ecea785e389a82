import type { NatsConnection } from 'nats';
import type { BusSettings, StreamSettings } from '../event-bus.ts';
import { ensureStreams, findMissingStreams } from './nats-streams.ts';

/** Time between two checks for deleted streams, ms. */
const CHECK_EVERY_MS = 10_000;
/** Time between two checks by a client that waits for a stream, ms. */
const CHECK_MISSING_EVERY_MS = 1_000;

export interface StreamKeeperDeps extends Pick<BusSettings, 'streams' | 'createsStreams'> {
  isConnected: () => boolean;
  /** Returns the connection; throws while there is none. */
  live: () => NatsConnection;
  /** Called when a missing stream exists again. */
  onCreated: () => void;
  onFailure: (error: unknown) => void;
}

/**
 * Keeps the streams of a bus: creates missing ones and repairs their settings, or, with `createsStreams: false`, waits for the
 * client that does.
 */
export function openStreamKeeper(deps: StreamKeeperDeps) {
  const { streams, createsStreams = true, isConnected, live, onCreated, onFailure } = deps;
  let missing: readonly string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  /** @returns whether a stream exists that was missing */
  async function findMissing(): Promise<boolean> {
    const before = missing;
    missing = await findMissingStreams(live(), streams);
    return before.some((name) => !missing.includes(name));
  }

  /** The messages of a deleted stream are lost, so the creation is announced. */
  async function restore(wanted: readonly StreamSettings[]): Promise<boolean> {
    const isCreated = await (createsStreams ? ensureStreams(live(), wanted, false) : findMissing());
    if (isCreated) onCreated();
    return isCreated;
  }

  async function check(): Promise<void> {
    if (isConnected()) await restore(streams).catch(onFailure);
    schedule();
  }

  function schedule(): void {
    clearTimeout(timer);
    if (isStopped) return;
    timer = setTimeout(check, missing.length > 0 ? CHECK_MISSING_EVERY_MS : CHECK_EVERY_MS).unref();
  }
  schedule();

  return {
    get missing() {
      return missing;
    },

    /** Checks all streams after a (re)connection; failures are reported. */
    async handleConnection(): Promise<void> {
      await (createsStreams ? ensureStreams(live(), streams, true) : findMissing()).catch(onFailure);
      schedule();
    },

    /**
     * Creates missing streams, or checks whether they were created.
     *
     * @returns whether one was created
     */
    restore,

    stop(): void {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
