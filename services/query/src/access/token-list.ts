import { isScope, SCOPES, type TokenScope } from './scopes.ts';
import { hashToken, type Token, tokenOf } from './token.ts';

/** Lines with a token. Each request is compared with all of them. */
const MAX_TOKENS = 1_000;
/** Faults that the error lists. */
const MAX_SHOWN_FAULTS = 20;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/i;
/** What `printf %s "$UNSET" | sha256sum` gives. */
const EMPTY_HASH = hashToken('').toString('hex');

/** Thrown when a token list cannot be used. It names the lines, and never shows what is in them: that may be a secret. */
export class TokenListError extends Error {
  override name = 'TokenListError';
  readonly isForOperator = true;
}

/**
 * Parses lines `name:scope[,scope]:SHA-256 of the token in hex`. Empty lines and comments, from `#` to the end of the line, are
 * ignored.
 *
 * @param source what the error calls the list
 * @throws TokenListError with all faults; also when there is no token
 */
export function parseTokenList(lines: readonly string[], source: string): Token[] {
  const tokens: Token[] = [];
  const faults: string[] = [];
  const lineOfHash = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    const text = withoutComment(line);
    if (text === '') continue;
    const number = index + 1;
    const [name = '', scopes = '', hash = '', ...more] = text.split(':').map((part) => part.trim());
    const fault = faultOf(name, scopes, hash, more.length > 0) ?? repeats(lineOfHash, hash, number);
    if (fault === undefined) tokens.push(tokenOf(name, highest(scopes), Buffer.from(hash, 'hex')));
    else faults.push(`line ${number}: ${fault}`);
  }
  if (tokens.length > MAX_TOKENS) faults.push(`there are more than ${MAX_TOKENS} tokens`);
  if (tokens.length === 0 && faults.length === 0) {
    faults.push(`line ${lines.length}: the list ends and has no token, so nobody would have access`);
  }
  if (faults.length === 0) return tokens;
  const shown = faults.slice(0, MAX_SHOWN_FAULTS);
  const omitted = faults.length - shown.length;
  if (omitted > 0) shown.push(`and ${omitted} more`);
  throw new TokenListError(`${source} can't be used:\n${shown.map((fault) => `  - ${fault}`).join('\n')}`);
}

/** A line without its comment, a byte-order mark, and blanks around it. */
const withoutComment = (line: string): string =>
  line
    .replace(/^\uFEFF/, '')
    .replace(/#.*$/s, '')
    .trim();

function faultOf(name: string, scopes: string, hash: string, hasMore: boolean): string | undefined {
  if (hasMore || scopes === '' || hash === '') return 'it is not name:scope[,scope]:hash';
  if (!NAME.test(name)) return 'the name is not 1 to 64 of A-Z, a-z, 0-9, ., _ and -, or begins with a sign';
  if (!scopesOf(scopes).every(isScope)) return `a scope is not one of ${SCOPES.join(', ')}`;
  if (!SHA256_HEX.test(hash)) return 'the hash is not a SHA-256 in hex, 64 of 0-9 and a-f';
  if (hash.toLowerCase() === EMPTY_HASH) return 'the hash is that of an empty token';
  return undefined;
}

function repeats(lineOfHash: Map<string, number>, hash: string, number: number): string | undefined {
  const key = hash.toLowerCase();
  const first = lineOfHash.get(key);
  if (first !== undefined) return `it has the same token as line ${first}`;
  lineOfHash.set(key, number);
  return undefined;
}

const scopesOf = (text: string): string[] => text.split(',').map((scope) => scope.trim());

/** @param text valid scopes */
function highest(text: string): TokenScope {
  const scopes = scopesOf(text);
  return SCOPES.findLast((scope) => scopes.includes(scope)) ?? 'read';
}
