import { EventEmitter, once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Logger, makeLogger } from '@landfall/process/logger';
import type { Test } from 'tap';
import type { AccessOptions } from '../../src/access/access-options.ts';
import { makeToken, tokenLine } from '../../src/access/token.ts';

/** Makes a token with its line. */
export function newToken(name: string, scopes: string) {
  const token = makeToken();
  return { token, line: tokenLine(name, scopes, token), header: { authorization: `Bearer ${token}` } };
}

/** A token file in a folder that is removed after the test. */
export function makeTokenFile(t: Test, lines: readonly string[]) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-tokens-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'tokens');
  /** Replaces the file at once: a reader never sees a part of it. */
  function write(lines: readonly string[]): void {
    fs.writeFileSync(`${file}.part`, lines.map((line) => `${line}\n`).join(''));
    fs.renameSync(`${file}.part`, file);
  }
  write(lines);
  return { file, write, access: fromFile(file) };
}

export const fromFile = (file: string, isReadPublic = false): AccessOptions => ({
  source: { kind: 'file', name: 'API_TOKENS_FILE', file },
  isReadPublic,
});

export const fromText = (lines: readonly string[], isReadPublic = false): AccessOptions => ({
  source: { kind: 'text', name: 'API_TOKENS', text: lines.join(';') },
  isReadPublic,
});

/** A log whose lines about the token list can be waited for. */
export function tokenLog() {
  const lines = new EventEmitter();
  // An unheard `error` would throw.
  lines.on('error', () => undefined);
  const write = (level: string) => (fields: unknown, message?: string) => {
    const text = typeof fields === 'string' ? fields : (message ?? '');
    if (/token list/.test(text))
      lines.emit(level, typeof fields === 'string' ? text : JSON.stringify(fields));
  };
  const log: Logger = Object.assign(makeLogger('test', 'silent'), {
    info: write('info'),
    error: write('error'),
  });
  return {
    log,
    /** The next line of a level. Call it before the change that causes the line. */
    next: async (level: 'info' | 'error'): Promise<string> => String((await once(lines, level))[0]),
  };
}
