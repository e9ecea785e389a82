import { type JetStreamManager, JSONCodec, type NatsConnection, NatsError, type StoredMsg } from 'nats';
import type { StreamSettings } from '../event-bus.ts';
import type { Report } from '../guard-listener.ts';
import { managerOf } from './nats-streams.ts';

/** JetStream's error code "no message found". */
const MESSAGE_NOT_FOUND = 10_037;

/**
 * Reads the last message of every subject of a stream, oldest first; at most the capacity of the stream. A message that is not
 * JSON is reported and skipped. It asks for each message and creates no consumer: a user that may create consumers could let
 * the server send messages to any subject.
 */
export async function readLastKept(
  connection: NatsConnection,
  stream: StreamSettings,
  report: Report,
): Promise<unknown[]> {
  const json = JSONCodec<unknown>();
  const manager = await managerOf(connection);
  const { state } = await manager.streams.info(stream.name, { subjects_filter: '>' });
  const subjects = Object.keys(state.subjects ?? {});
  const last = await Promise.all(subjects.map((subject) => readLast(manager, stream.name, subject)));
  const found = last.filter((message) => message !== undefined).sort((a, b) => a.seq - b.seq);
  return found.flatMap((message) => {
    try {
      return [json.decode(message.data)];
    } catch (error) {
      report(error, message.subject);
      return [];
    }
  });
}

/** @returns undefined when the message was removed meanwhile */
async function readLast(
  manager: JetStreamManager,
  stream: string,
  subject: string,
): Promise<StoredMsg | undefined> {
  try {
    return await manager.streams.getMessage(stream, { last_by_subj: subject });
  } catch (error) {
    if (error instanceof NatsError && error.api_error?.err_code === MESSAGE_NOT_FOUND) return undefined;
    throw error;
  }
}
