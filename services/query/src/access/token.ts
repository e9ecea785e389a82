import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { TokenScope } from './scopes.ts';

/** One line of the token list. The token itself is not known, only its hash. */
export interface Token {
  /** Who has the token. During a rotation, several tokens have the same name. */
  name: string;
  /** The highest scope of the line. */
  scope: TokenScope;
  /** SHA-256 of the token. */
  hash: Buffer;
  /** Key of the session cookies of this token. */
  sessionKey: Buffer;
}

/** Makes secret scanners and people recognize a token. */
const PREFIX = 'lf_';
const RANDOM_BYTES = 32;

/** Makes a new token: `lf_` and 256 random bits in base64url. */
export const makeToken = (): string => PREFIX + randomBytes(RANDOM_BYTES).toString('base64url');

/** SHA-256 of a token. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The line of a token for the token list. */
export const tokenLine = (name: string, scopes: string, token: string): string =>
  `${name}:${scopes}:${hashToken(token).toString('hex')}`;

/** @param hash SHA-256 of the token */
export const tokenOf = (name: string, scope: TokenScope, hash: Buffer): Token => ({
  name,
  scope,
  hash,
  sessionKey: createHmac('sha256', hash).update('landfall session cookie').digest(),
});
