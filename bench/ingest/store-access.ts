import { directoryStore } from '@landfall/object-store/directory-store';
import type { ObjectStore } from '@landfall/object-store/object-store';
import { type S3Access, s3Store } from '@landfall/object-store/s3-store';

/** Location of the buckets, serializable: a folder or a server. */
export type StoreAccess = { root: string } | S3Access;

export const openStore = (access: StoreAccess): ObjectStore =>
  'root' in access ? directoryStore(access.root) : s3Store(access);
