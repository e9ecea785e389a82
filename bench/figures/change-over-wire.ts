import path from 'node:path';
import { s3Store } from '@landfall/object-store/s3-store';
import { PROCESSED } from '../data/source-directory.ts';
import { measure } from '../ingest/measurement.ts';
import type { S3ServerProgram } from '../ingest/s3-servers.ts';
import type { Figure } from '../report/figure.ts';
import { changeFigure } from './change.ts';

/**
 * Measures a change in a folder that is published on an S3 server. Publishing is what depends on the number of rows; uploading a
 * million objects first would take longer than the whole benchmark.
 *
 * @param root folder with a filled source bucket and the ingestor's state
 */
export async function changeOverWire(
  { name, start }: S3ServerProgram,
  root: string,
  users: number,
  changes: number,
): Promise<Figure> {
  const server = await start();
  try {
    const { endpoint, accessKey, secretKey } = server;
    const store = { endpoint, accessKey, secretKey };
    await s3Store(store).createBucket(PROCESSED);
    const stateDir = path.join(root, 'state');
    const changed = await measure({ kind: 'changes', store, source: { root }, stateDir, changes });
    const title = `One record changed among ${users.toLocaleString('en')} users, until it is published on ${name}`;
    return changeFigure(title, changed, undefined);
  } finally {
    await server.stop();
  }
}
