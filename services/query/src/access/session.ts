import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Token } from './token.ts';

/** How long a session of a browser lasts, s. */
export const SESSION_S = 12 * 3600;

/** By how much the clocks of replicas may differ, s. */
const CLOCK_SKEW_S = 60;

/** A valid session. */
export interface Session {
  token: Token;
  /** Ms since 1970 UTC. */
  expiresAt: number;
}

const SESSION = /^([A-Za-z0-9._-]{1,64})~(\d{1,12})~([\w-]{43})$/;

/**
 * Makes the value of a session cookie: name, expiry, and an HMAC of both under a key that is derived from the token's hash.
 * The service keeps no sessions: every replica accepts the cookie, until it expires or the line of the token is removed.
 *
 * @param now ms since 1970 UTC
 */
export function makeSession(token: Token, now: number): string {
  const content = `${token.name}~${Math.floor(now / 1_000) + SESSION_S}`;
  return `${content}~${macOf(token, content).toString('base64url')}`;
}

/**
 * Verifies the value of a session cookie.
 *
 * @param now ms since 1970 UTC
 * @returns undefined when it is malformed, expired, or made with none of the tokens
 */
export function readSession(value: string, tokens: readonly Token[], now: number): Session | undefined {
  const [, name, expiry, mac] = SESSION.exec(value) ?? [];
  if (name === undefined || expiry === undefined || mac === undefined) return undefined;
  const given = Buffer.from(mac, 'base64url');
  const token = tokens.find(
    (each) => each.name === name && timingSafeEqual(macOf(each, `${name}~${expiry}`), given),
  );
  const expiresAt = Number(expiry) * 1_000;
  // A later expiry is forged, with the hash of the token.
  const isInTime = now < expiresAt && expiresAt <= now + (SESSION_S + CLOCK_SKEW_S) * 1_000;
  return token && isInTime ? { token, expiresAt } : undefined;
}

const macOf = ({ sessionKey }: Token, content: string): Buffer =>
  createHmac('sha256', sessionKey).update(content).digest();
