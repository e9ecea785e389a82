import path from 'node:path';
import { PARTIAL } from './path.ts';

/**
 * Returns the path of a file in a bucket's folder that is not an object: it is not listed, read or watched.
 *
 * @param root the folder that contains the buckets
 */
export const reservedFile = (root: string, bucket: string, name: string): string =>
  path.join(root, bucket, PARTIAL, name);
