/** An origin, and nothing else: no user, path or query. */
const ORIGIN = /^https?:\/\/[^\s/\\?#@%*]+$/i;

/**
 * Parses an origin, `https://example.org:8443`, into the form in which browsers send it.
 *
 * @returns undefined when it is none; `null` is none
 */
export const parseOrigin = (text: string): string | undefined =>
  ORIGIN.test(text) ? URL.parse(text)?.origin : undefined;
