import { createHash } from 'node:crypto';
import { utcDay } from '@landfall/contracts/age';
import type { Manifest } from '@landfall/contracts/manifest';

/** What an answer was made for. */
export interface Asked {
  path: string;
  /** The parameters as they were understood. */
  query: Readonly<Record<string, unknown>>;
  /** The request's clock, ms since 1970 UTC, when the answer depends on the day; else undefined. */
  day: number | undefined;
}

/**
 * A strong ETag (RFC 9110): two answers have the same one only when they are the same bytes. It leads with the
 * generation, so that one sees where an answer came from.
 */
export function etagOf({ generation, version }: Manifest, { path, query, day }: Asked): string {
  const parameters = Object.entries(query).sort(([a], [b]) => (a < b ? -1 : 1));
  const asked = JSON.stringify([version, path, parameters, day === undefined ? null : utcDay(day)]);
  const digest = createHash('sha256').update(asked).digest('base64url').slice(0, 22);
  return `"${generation}-${digest}"`;
}
