import { hash } from 'node:crypto';
import { utcDay } from '@landfall/contracts/dataset/age';
import type { Manifest } from '@landfall/contracts/dataset/manifest';

/** What the bytes of a response depend on, beside the generation. */
export interface EtagInput {
  path: string;
  /** The parsed parameters, always in the same order. */
  query: Readonly<Record<string, unknown>>;
  /** The format, for a route with several. */
  format?: string;
  /** The request's clock, ms since 1970 UTC, when the response depends on the UTC day; otherwise undefined. */
  day: number | undefined;
}

/** The ETags of a response, by its content coding. */
export interface Etags {
  identity: string;
  gzip: string;
}

/**
 * Strong ETags: two responses have the same one only when their bytes are the same. An ETag begins with the generation, which
 * helps when you read a trace.
 *
 * @see RFC 9110, 8.8.3
 */
export function etagsFor({ generation, version }: Manifest, { path, query, format, day }: EtagInput): Etags {
  // `min_generation` does not change the bytes.
  const parameters = query.min_generation === undefined ? query : { ...query, min_generation: undefined };
  const text = JSON.stringify([version, path, parameters, format, day === undefined ? null : utcDay(day)]);
  const digest = hash('sha256', text, 'base64url').slice(0, 22);
  return { identity: `"${generation}-${digest}"`, gzip: `"${generation}-${digest}-gzip"` };
}

/**
 * The one of `etags` that the client has, by weak comparison.
 *
 * @param ifNoneMatch value of the header `If-None-Match`: a list of ETags, or `*` for any
 * @returns undefined when the client has none of them
 * @see RFC 9110, 13.1.2
 */
export function matchingEtag(ifNoneMatch: string | undefined, etags: readonly string[]): string | undefined {
  if (ifNoneMatch === undefined) return undefined;
  if (ifNoneMatch.trim() === '*') return etags[0];
  const known = new Set(ifNoneMatch.match(/"[^"]*"/g));
  return etags.find((etag) => known.has(etag));
}
