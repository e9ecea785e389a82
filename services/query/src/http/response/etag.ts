import { hash } from 'node:crypto';
import { utcDay } from '@landfall/contracts/dataset/age';
import type { Manifest } from '@landfall/contracts/dataset/manifest';

/** What an answer was made for. */
export interface Asked {
  path: string;
  /** The parameters as they were understood, always in the same order. */
  query: Readonly<Record<string, unknown>>;
  /** In which format, where there are several. */
  format?: string;
  /** The request's clock, ms since 1970 UTC, when the answer depends on the day; else undefined. */
  day: number | undefined;
}

/** The ETags of an answer, by its content coding. */
export interface Etags {
  identity: string;
  gzip: string;
}

/**
 * Strong ETags (RFC 9110, 8.8.3): two answers have the same one only when they are the same bytes. They lead with
 * the generation, so that one sees where an answer came from.
 */
export function etagsFor({ generation, version }: Manifest, { path, query, format, day }: Asked): Etags {
  // How long one would have waited for the answer makes it no other.
  const asked = query.min_generation === undefined ? query : { ...query, min_generation: undefined };
  const text = JSON.stringify([version, path, asked, format, day === undefined ? null : utcDay(day)]);
  const digest = hash('sha256', text, 'base64url').slice(0, 22);
  return { identity: `"${generation}-${digest}"`, gzip: `"${generation}-${digest}-gzip"` };
}

/**
 * The one of `tags` that a client says it has, by the weak comparison of If-None-Match (RFC 9110, 13.1.2).
 *
 * @param ifNoneMatch the header's value: a list of ETags, or `*` for any
 */
export function matchingEtag(ifNoneMatch: string | undefined, tags: readonly string[]): string | undefined {
  if (ifNoneMatch === undefined) return undefined;
  if (ifNoneMatch.trim() === '*') return tags[0];
  const atHand = new Set(ifNoneMatch.match(/"[^"]*"/g));
  return tags.find((tag) => atHand.has(tag));
}
