import { STREAMS } from '@landfall/contracts/messages/events';
import type { EventBus } from '@landfall/event-bus/event-bus';
import { natsBus } from '@landfall/event-bus/nats/nats-bus';
import type { ObjectStore } from '@landfall/object-store/object-store';
import { s3Store } from '@landfall/object-store/s3-store';
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
}

/**
 * Creates the stack's adapters of the two ports. Neither waits for its server: a service starts without them and does what it can
 * until they can be reached.
 *
 * @param service the name of the service in NATS's monitoring
 * @throws SettingsError when the settings of NATS contradict each other
 */
export function connectStack(
  addresses: StackAddresses,
  service: string,
  log: Logger,
): { store: ObjectStore; bus: EventBus } {
  const nats = natsAccess(addresses);
  const access = {
    endpoint: addresses.MINIO_ENDPOINT,
    accessKey: addresses.MINIO_ACCESS_KEY,
    secretKey: addresses.MINIO_SECRET_KEY,
  };
  const store = s3Store(access, { onWarning: (message) => log.warn(message) });
  const bus = natsBus(
    { ...nats, name: service },
    { streams: STREAMS, onError: (error, subject) => log.warn({ err: error, subject }, 'event bus') },
  );
  return { store, bus };
}
