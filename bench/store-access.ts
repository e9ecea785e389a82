import { directoryStore } from '@landfall/object-store/directory';
import { type MinioAccess, minioStore } from '@landfall/object-store/minio';
import type { ObjectStore } from '@landfall/object-store/object-store';

/** Where the buckets are, so that another process can be told: a folder, or a server. */
export type StoreAccess = { root: string } | MinioAccess;

export const openStore = (access: StoreAccess): ObjectStore =>
  'root' in access ? directoryStore(access.root) : minioStore(access);
