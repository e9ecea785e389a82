import { JSONCodec, type KV, type KvEntry, type NatsConnection, NatsError, StorageType } from 'nats';
import { BusError, LEASE_TTL_MS, type Lease, type LeaseState } from '../event-bus.ts';
import { callGuarded, type Report } from '../guard-listener.ts';
import { withBusTimeout } from '../with-bus-timeout.ts';
import { asBusError } from './nats-connection.ts';
import { isStreamMissing } from './nats-streams.ts';

/** The key-value bucket of all leases. An entry that is not renewed expires by the bucket's TTL. */
const BUCKET = 'LANDFALL_LEASES';
/** Time between two renewals or attempts, ms. */
const RENEW_EVERY_MS = 1_000;
/** Timeout of one reply of the server, ms. */
const ANSWER_MS = 2_000;
/** Timeout of one attempt, ms. */
const ATTEMPT_MS = 4_000;
/** Timeout of a release, ms. */
const RELEASE_MS = 1_500;
/**
 * After the bus was away, a competitor that last read another holder waits this long, ms, so that the holder, if it still runs,
 * gets its lease back first.
 */
const RETURN_GRACE_MS = 2_500;
/** JetStream's error code "wrong last sequence": another client wrote the key, or it exists already. */
const WRONG_LAST_SEQUENCE = 10_071;

/** The value of a lease's key. A released lease has no holder and keeps its number. */
interface LeaseRecord {
  holder: string | null;
  value: number;
}

const json = JSONCodec<unknown>();

/** Competes for a lease that is a key of a JetStream key-value bucket. */
export function natsLease(
  name: string,
  holder: string,
  live: () => NatsConnection,
  onChange: (state: LeaseState) => void,
  report: Report,
): Lease & { stop: () => void; renewNow: () => Promise<void> } {
  let state: LeaseState = { kind: 'unknown' };
  let value = 0;
  /** The revision of our last write; 0 when we do not hold the lease. */
  let revision = 0;
  /** Start of the last write that the server confirmed; monotonic, ms. */
  let confirmed = Number.NEGATIVE_INFINITY;
  let lastHolder: string | undefined;
  let wasAway = false;
  let notBefore = 0;
  let lastFailure = '';
  let bucket: { of: NatsConnection; kv: KV } | undefined;
  let attempting: Promise<void> | undefined;
  let abandonAttempt: (why: BusError) => void = () => undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function openBucket(): Promise<KV> {
    const connection = live();
    if (bucket?.of === connection) return bucket.kv;
    const js = connection.jetstream({ timeout: ANSWER_MS, checkAPI: false });
    const kv = await js.views.kv(BUCKET, {
      history: 1,
      ttl: LEASE_TTL_MS,
      storage: StorageType.File,
      // A replica may return stale data.
      allow_direct: false,
    });
    bucket = { of: connection, kv };
    return kv;
  }

  const record = (by: string | null) => json.encode({ holder: by, value } satisfies LeaseRecord);

  /** @returns whether no other client wrote since revision `after` (0: the key must not exist) */
  async function write(kv: KV, after: number): Promise<boolean> {
    const startedAt = performance.now();
    try {
      revision =
        after === 0 ? await kv.create(name, record(holder)) : await kv.update(name, record(holder), after);
      confirmed = startedAt;
      lastHolder = undefined;
      return true;
    } catch (error) {
      if (!(error instanceof NatsError) || error.api_error?.err_code !== WRONG_LAST_SEQUENCE) throw error;
      revision = 0;
      return false;
    }
  }

  async function compete(): Promise<LeaseState> {
    const kv = await openBucket();
    if (revision > 0 && (await write(kv, revision))) return { kind: 'held' };
    const entry = await kv.get(name);
    const found = parse(entry);
    if (found) value = Math.max(value, found.value);
    // Our own write, whose reply was lost.
    if (entry && found?.holder === holder && (await write(kv, entry.revision))) return { kind: 'held' };
    if (found?.holder && found.holder !== holder) {
      lastHolder = found.holder;
      return { kind: 'taken', holder: found.holder };
    }
    if (performance.now() < notBefore) return { kind: 'taken', holder: lastHolder ?? 'unknown' };
    if (await write(kv, found && entry ? entry.revision : 0)) return { kind: 'held' };
    // Another competitor was faster.
    return { kind: 'taken', holder: parse(await kv.get(name))?.holder ?? 'unknown' };
  }

  async function attempt(): Promise<void> {
    try {
      live();
      if (wasAway && lastHolder !== undefined) notBefore = performance.now() + RETURN_GRACE_MS;
      wasAway = false;
      const abandoned = new Promise<never>((_, reject) => {
        abandonAttempt = reject;
      });
      const competed = Promise.race([compete(), abandoned]);
      const now = await withBusTimeout(ATTEMPT_MS, competed, `the lease ${name}`);
      lastFailure = '';
      setState(now);
    } catch (error) {
      // The bucket was deleted, or JetStream's data wiped: the next attempt creates it, without a holder.
      if (isStreamMissing(error) || asBusError(error).code === 'no_responders')
        [bucket, revision] = [undefined, 0];
      const failure = asBusError(error);
      wasAway = true;
      // A missing connection is reported by the connection itself.
      const isReportable = failure.cause !== undefined || failure.code === 'timeout';
      if (isReportable && failure.message !== lastFailure) report(failure, `lease ${name}`);
      lastFailure = failure.message;
      setState({ kind: 'unknown' });
    }
  }

  function setState(next: LeaseState): void {
    const before = state;
    state = next;
    const isSame = before.kind === next.kind && (before.kind !== 'taken' || before.holder === holderOf(next));
    if (!isSame && !stopped) setImmediate(() => callGuarded(() => onChange(next), report, `lease ${name}`));
  }

  function attemptOnce(): Promise<void> {
    attempting ??= attempt().finally(() => {
      attempting = undefined;
    });
    return attempting;
  }

  async function loop(): Promise<void> {
    const startedAt = performance.now();
    await attemptOnce();
    if (stopped) return;
    timer = setTimeout(loop, Math.max(0, RENEW_EVERY_MS - (performance.now() - startedAt))).unref();
  }
  void loop();

  const lease = {
    get state(): LeaseState {
      const isStale = state.kind === 'held' && performance.now() - confirmed > LEASE_TTL_MS;
      return isStale ? { kind: 'unknown' } : state;
    },
    get value() {
      return value;
    },
    raise(to: number): void {
      value = Math.max(value, to);
    },
    async check(): Promise<LeaseState> {
      if (!stopped) await attemptOnce();
      return lease.state;
    },
    async release(): Promise<void> {
      lease.stop();
      const free = async () => {
        await attempting;
        if (revision === 0) return;
        await (await openBucket()).update(name, record(null), revision);
      };
      await withBusTimeout(RELEASE_MS, free(), `the lease ${name}`).catch((error) =>
        report(error, `lease ${name}`),
      );
      revision = 0;
      state = { kind: 'unknown' };
    },
    stop(): void {
      stopped = true;
      clearTimeout(timer);
    },
    /**
     * Tries at once, after a (re)connection. A reply to an attempt over the lost connection never arrives: to wait for it until the
     * timeout would take longer than others wait for the holder.
     */
    async renewNow(): Promise<void> {
      abandonAttempt(new BusError('unavailable', 'the connection was lost'));
      await attempting;
      if (!stopped) await attemptOnce();
    },
  };
  return lease;
}

const holderOf = (state: LeaseState): string | undefined =>
  state.kind === 'taken' ? state.holder : undefined;

/** @returns undefined when there is no value. An invalid value counts as held by another competitor until it expires */
function parse(entry: KvEntry | null): LeaseRecord | undefined {
  if (entry?.operation !== 'PUT') return undefined;
  try {
    const { holder, value } = json.decode(entry.value) as Partial<LeaseRecord>;
    const isHolder = holder === null || typeof holder === 'string';
    if (isHolder && typeof value === 'number' && Number.isSafeInteger(value)) return { holder, value };
  } catch {
    // Handled like a record of another form.
  }
  return { holder: 'unknown', value: 0 };
}
