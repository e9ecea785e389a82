import path from 'node:path';
import type { BenchServers } from './bench-servers.ts';
import { randomPages, WIDE } from './requests.ts';
import type { SingleClient } from './single-client.ts';
import { asTargets, wrk } from './wrk.ts';

const FOR_S = 4;
const SINGLE = 4_000;

/**
 * Warms up both sides with other pages than the measured ones, until V8 has compiled the hot functions.
 */
export async function warm(
  { folder, landfall, manifest }: Pick<BenchServers, 'folder' | 'landfall' | 'manifest'>,
  client: SingleClient,
): Promise<void> {
  const now = Date.now();
  const many = asTargets(path.join(folder, 'asked'), randomPages(manifest, 60_000, 900, WIDE, now));
  await wrk(landfall.address, many, FOR_S);
  await client.each(randomPages(manifest, SINGLE, 901, WIDE, now));
}
