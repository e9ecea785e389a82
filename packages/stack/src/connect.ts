import { STREAMS } from '@landfall/contracts/messages/events';
import type { EventBus } from '@landfall/event-bus/event-bus';
import { natsBus } from '@landfall/event-bus/nats/nats-bus';
import type { ObjectStore } from '@landfall/object-store/object-store';
import { s3Store } from '@landfall/object-store/s3-store';
import { readCaFile } from '@landfall/process/ca-file';
import type { Logger } from '@landfall/process/logger';
import { natsAccess } from './nats-access.ts';

/** The addresses and credentials of the stack's servers; the settings of the same names. */
export interface StackAddresses {
  MINIO_ENDPOINT: string;
  MINIO_ACCESS_KEY: string;
  MINIO_SECRET_KEY: string;
  NATS_URL: string;
  NATS_USER?: string;
  NATS_PASSWORD?: string;
  CA_FILE?: string;
}

/**
 * What each service does with the streams. The ingestor alone creates them. The query service reads only the runs, and waits for
 * their stream; its user at NATS may use no other.
 */
const SERVICES = {
  ingestor: { streams: STREAMS, createsStreams: true },
  query: { streams: STREAMS.filter(({ name }) => name === 'RUNS'), createsStreams: false },
} as const;

/**
 * Creates the stack's adapters of the two ports. Neither waits for its server: a service starts without them and does what it can
 * until they can be reached.
 *
 * @param onRetry called before each repeated request to the object store
 * @param service also the client's name in NATS's monitoring, and the prefix of its inboxes
 * @throws SettingsError when the settings of NATS contradict each other, or CA_FILE cannot be used
 */
export function connectStack(
  addresses: StackAddresses,
  service: keyof typeof SERVICES,
  log: Logger,
  onRetry?: () => void,
): { store: ObjectStore; bus: EventBus } {
  const nats = natsAccess(addresses);
  const ca = readCaFile(addresses.CA_FILE);
  const access = {
    endpoint: addresses.MINIO_ENDPOINT,
    accessKey: addresses.MINIO_ACCESS_KEY,
    secretKey: addresses.MINIO_SECRET_KEY,
    ca,
  };
  const store = s3Store(access, {
    onWarning: (message) => log.warn(message),
    ...(onRetry && { onRetry }),
  });
  const bus = natsBus(
    { ...nats, ca, name: service, inboxPrefix: `_INBOX.${service}` },
    { ...SERVICES[service], onError: (error, subject) => log.warn({ err: error, subject }, 'event bus') },
  );
  return { store, bus };
}
