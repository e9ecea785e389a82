import path from 'node:path';
import { PARTIAL } from './path.ts';

/**
 * A file in a directory store's bucket that is no object: it is neither listed nor read nor watched.
 *
 * @param root the folder with the buckets
 */
export const reservedFile = (root: string, bucket: string, name: string): string =>
  path.join(root, bucket, PARTIAL, name);
