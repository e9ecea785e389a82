import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Rates and latencies with 64 clients that send requests back to back. */
export interface Rate {
  /** Answers a second. */
  rate: number;
  /** Ms. */
  p50: number;
  p99: number;
}

/** Slow answers must count: wrk's default timeout is 2 s. */
const TIMEOUT_S = 60;
const SCRIPT = fileURLToPath(new URL('./wrk-requests.lua', import.meta.url));

/**
 * Runs wrk.
 *
 * @param file one target per line: a path and, after a tab, the ETag to send; see wrk-requests.lua
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

/** Writes the targets for `wrk`. */
export function asTargets(file: string, targets: readonly string[]): string {
  fs.writeFileSync(file, `${targets.join('\n')}\n`);
  return file;
}
