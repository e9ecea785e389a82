/** A bucket of tokens, one for each request. */
export interface TokenBucket {
  tokens: number;
  /** When it was filled last, ms. */
  filledAt: number;
}

/**
 * Takes a token.
 *
 * @param capacity tokens of a full bucket
 * @param refillMs how long one token takes to come back, ms
 * @param now ms, of a clock that only goes forward
 * @returns how long to wait for the next token, ms; 0 when one was taken
 */
export function takeToken(bucket: TokenBucket, capacity: number, refillMs: number, now: number): number {
  bucket.tokens = Math.min(capacity, bucket.tokens + (now - bucket.filledAt) / refillMs);
  bucket.filledAt = now;
  if (bucket.tokens < 1) return (1 - bucket.tokens) * refillMs;
  bucket.tokens--;
  return 0;
}
