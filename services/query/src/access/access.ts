import { timingSafeEqual } from 'node:crypto';
import type { Logger } from '@landfall/process/logger';
import type { AccessOptions, TokenSource } from './access-options.ts';
import { readSession, type Session } from './session.ts';
import { hashToken, type Token } from './token.ts';
import { parseTokenList, TokenListError } from './token-list.ts';
import { modeReadableByAll, readTokenFile, watchTokenFile } from './watch-token-file.ts';

/** A read of the token file that takes longer is reported, ms. */
const READ_MS = 5_000;

/** The tokens of the API. */
export type Access = Awaited<ReturnType<typeof openAccess>>;

/**
 * Reads the tokens. A file is read again when it changes and on SIGHUP; while it cannot be used, the list before stays valid.
 *
 * @param clock ms since 1970 UTC
 * @throws TokenListError when the list cannot be used at the start
 */
export async function openAccess(
  { source, isReadPublic }: AccessOptions,
  clock: () => number,
  log: Pick<Logger, 'info' | 'warn' | 'error'>,
) {
  let { text, tokens } = await readTokens(source);
  if (source.kind === 'file') await warnIfReadableByAll(source, log);
  let fault: string | undefined;
  const listeners = new Set<() => void>();

  async function readAgain(why: 'interval' | 'signal'): Promise<void> {
    // A network file system may not answer. No other read starts meanwhile: each would keep a thread.
    const late = setTimeout(() => setFault(`there was no answer in ${READ_MS} ms`, why), READ_MS);
    try {
      const read = await readTokens(source, fault === undefined ? text : undefined);
      const isChanged = read.text !== text;
      ({ text, tokens } = read);
      if (isChanged || fault !== undefined || why === 'signal')
        log.info(`the token list was read again: ${tokens.length} tokens`);
      fault = undefined;
      if (isChanged) for (const listener of listeners) listener();
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error), why);
    } finally {
      clearTimeout(late);
    }
  }

  function setFault(reason: string, why: 'interval' | 'signal'): void {
    if (reason !== fault || why === 'signal') {
      log.error({ why: reason }, 'the token list cannot be read again: the list before stays valid');
    }
    fault = reason;
  }

  /** Compares with all tokens, so that the time does not depend on the one that matches. */
  function findToken(given: string): Token | undefined {
    const hash = hashToken(given);
    let found: Token | undefined;
    for (const token of tokens) if (timingSafeEqual(token.hash, hash)) found = token;
    return found;
  }

  const stopWatching = source.kind === 'file' ? watchTokenFile(readAgain) : () => undefined;
  return {
    /** Whether reading needs no token. */
    isReadPublic,
    /** The listed token with this text. */
    findToken,
    /** The valid session with this cookie value. */
    findSession: (cookie: string): Session | undefined => readSession(cookie, tokens, clock()),
    /** Whether a token is still listed. */
    isListed: ({ name, hash }: Token): boolean =>
      tokens.some((token) => token.name === name && token.hash.equals(hash)),
    /** Calls a function after every change of the list. @returns a function that ends this */
    onChange(listener: () => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Why the token file could not be read again; undefined when the list is the file's. */
    fault: (): string | undefined => fault,
    close: stopWatching,
  };

  /** @param known text of the list that is in use: it is not parsed again */
  async function readTokens(from: TokenSource, known?: string): Promise<{ text: string; tokens: Token[] }> {
    if (from.kind === 'text') {
      return { text: from.text, tokens: parseTokenList(from.text.split(/[\n;]/), from.name) };
    }
    // Not its value: clients see the text in the status, and a line of the list may have been set in the place of a path.
    const where = `the file of ${from.name}`;
    const read = await readTokenFile(from.file).catch((error) => {
      throw new TokenListError(`${where} can't be read: ${error.message}`);
    });
    return { text: read, tokens: read === known ? tokens : parseTokenList(read.split(/\r\n?|\n/), where) };
  }
}

async function warnIfReadableByAll(
  { name, file }: Extract<TokenSource, { kind: 'file' }>,
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  const mode = await modeReadableByAll(file).catch(() => undefined);
  if (mode === undefined) return;
  log.warn(
    `all users of this machine can read the file of ${name} (mode ${mode}), and make sessions with it: chmod 600`,
  );
}
