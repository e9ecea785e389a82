import path from 'node:path';
import type { Arena } from './arena.ts';
import { randomPages, WIDE } from './questions.ts';
import type { SingleClient } from './single-client.ts';
import { asTargets, wrk } from './wrk.ts';

const FOR_S = 4;
const SINGLE = 4_000;

/**
 * Asks for other pages than are measured, for so long that V8 has compiled what answers them, and what asks: else
 * single answers would wait for it.
 */
export async function warm(
  { folder, landfall, manifest }: Pick<Arena, 'folder' | 'landfall' | 'manifest'>,
  client: SingleClient,
): Promise<void> {
  const now = Date.now();
  const many = asTargets(path.join(folder, 'asked'), randomPages(manifest, 60_000, 900, WIDE, now));
  await wrk(landfall.address, many, FOR_S);
  await client.each(randomPages(manifest, SINGLE, 901, WIDE, now));
}
