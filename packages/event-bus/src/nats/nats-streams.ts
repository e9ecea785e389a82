import { type JetStreamManager, type NatsConnection, NatsError, nanos, RetentionPolicy } from 'nats';
import type { StreamSettings } from '../event-bus.ts';

/** Timeout of one reply of JetStream, ms. */
export const ANSWER_MS = 5_000;
/** How long a stream remembers message ids, ms. */
const DUPLICATE_WINDOW_MS = 120_000;
/** JetStream's error code "stream not found". */
const STREAM_NOT_FOUND = 10_059;
/** JetStream's error code "subjects overlap with an existing stream"; also of a stream that is being created just then. */
const SUBJECTS_OVERLAP = 10_065;

/** Whether an error says that a stream or bucket does not exist. */
export const isStreamMissing = (error: unknown): boolean =>
  error instanceof NatsError && error.api_error?.err_code === STREAM_NOT_FOUND;

/** JetStream's API, without a request for the account, which no program needs and a user may not be allowed to send. */
export const managerOf = (connection: NatsConnection): Promise<JetStreamManager> =>
  connection.jetstreamManager({ timeout: ANSWER_MS, checkAPI: false });

/** Returns the names of the streams that do not exist. */
export async function findMissingStreams(
  connection: NatsConnection,
  streams: readonly StreamSettings[],
): Promise<string[]> {
  const manager = await managerOf(connection);
  const isMissing = async ({ name }: StreamSettings): Promise<boolean> => {
    try {
      await manager.streams.info(name);
      return false;
    } catch (error) {
      if (isStreamMissing(error)) return true;
      throw error;
    }
  };
  const missing = await Promise.all(streams.map(isMissing));
  return streams.filter((_, i) => missing[i]).map(({ name }) => name);
}

/**
 * Creates the missing streams and updates the settings of the others. A failure of one stream does not affect the others.
 *
 * @param update whether the settings of existing streams are updated
 * @returns whether a stream was created
 * @throws the first error, after all streams were tried
 */
export async function ensureStreams(
  connection: NatsConnection,
  streams: readonly StreamSettings[],
  update: boolean,
): Promise<boolean> {
  const manager = await managerOf(connection);
  const outcomes = await Promise.allSettled(streams.map((stream) => ensureStream(manager, stream, update)));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value);
}

async function ensureStream(
  manager: JetStreamManager,
  stream: StreamSettings,
  update: boolean,
): Promise<boolean> {
  try {
    if (update) await manager.streams.update(stream.name, streamConfig(stream));
    else await manager.streams.info(stream.name);
    return false;
  } catch (error) {
    if (!isStreamMissing(error)) throw error;
    return await addStream(manager, stream);
  }
}

/** @returns false when another connection has created the stream at the same time */
async function addStream(manager: JetStreamManager, stream: StreamSettings): Promise<boolean> {
  try {
    await manager.streams.add(streamConfig(stream));
    return true;
  } catch (error) {
    const isRefused = error instanceof NatsError && error.api_error?.err_code === SUBJECTS_OVERLAP;
    if (!isRefused) throw error;
    const isThere = await manager.streams.info(stream.name).then(
      () => true,
      () => false,
    );
    // The subjects of a stream with another name overlap.
    if (!isThere) throw error;
    return false;
  }
}

function streamConfig(stream: StreamSettings) {
  return {
    name: stream.name,
    subjects: [stream.subject],
    retention: stream.isQueue ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    max_msgs: stream.maxMessages,
    max_msgs_per_subject: stream.maxPerSubject,
    max_age: nanos(stream.maxAgeMs),
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
  };
}
