import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** How fast a server answered 64 clients who each asked again at once. */
export interface Rate {
  /** Answers a second. */
  rate: number;
  /** Ms. */
  p50: number;
  p99: number;
}

/** The slowest are to answer as well: by itself, wrk gives up after 2 s. */
const TIMEOUT_S = 60;
const SCRIPT = fileURLToPath(new URL('./requests.lua', import.meta.url));

/**
 * @param file a target a line: a path, and behind a tab, the ETag one has; see requests.lua
 * @throws Error when an answer was an error
 */
export async function wrk(address: string, file: string, forS: number): Promise<Rate> {
  const { stdout } = await promisify(execFile)('wrk', [
    ...['-t1', '-c64', `-d${forS}s`, `--timeout=${TIMEOUT_S}s`, '-s', SCRIPT, address, '--', file],
  ]);
  const { errors, ...rate } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  if (errors > 0) throw new Error(`${address}: ${errors} of the answers were errors`);
  return rate;
}

/** Writes the targets down where `wrk` reads them. */
export function asTargets(file: string, targets: readonly string[]): string {
  fs.writeFileSync(file, `${targets.join('\n')}\n`);
  return file;
}
