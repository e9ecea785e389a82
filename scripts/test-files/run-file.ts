import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** What a test file did. */
export interface FileResult {
  file: string;
  isOk: boolean;
  ms: number;
  /** Its output, in TAP. */
  tap: string;
}

export interface RunOptions {
  /** Files at a time. */
  jobs: number;
  env: NodeJS.ProcessEnv;
  /** Longer than any file takes, ms. */
  killAfterMs: number;
}

/**
 * Runs a test file in a process of its own. It ends itself after `TAP_TIMEOUT` seconds; one that blocks its event loop is killed later.
 *
 * The command of tap is not used: it starts node with loaders, which node loads again in every worker thread. Of a test that starts
 * thirty services, that took four times the CPU time.
 */
export async function runFile(file: string, { env, killAfterMs }: RunOptions): Promise<FileResult> {
  const start = performance.now();
  const child = spawn(process.execPath, [file], {
    env: { ...env, TAP: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: killAfterMs,
    killSignal: 'SIGKILL',
  });
  const [tap, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const hasTests = /^1\.\.[1-9]/m.test(tap);
  const ended = signal ?? (code === 0 ? undefined : `exit code ${code}`);
  const why = ended ?? (hasTests ? undefined : 'no tests');
  return {
    file,
    isOk: why === undefined,
    ms: performance.now() - start,
    tap: why === undefined ? tap : `${tap}\nnot ok - the file ended with ${why}\n`,
  };
}

/** Runs files, several at a time, and passes on each result as it comes. */
export async function runFiles(
  files: readonly string[],
  options: RunOptions,
  onResult: (result: FileResult) => void,
): Promise<void> {
  const waiting = files.values();
  async function work(): Promise<void> {
    for (const file of waiting) onResult(await runFile(file, options));
  }
  await Promise.all(Array.from({ length: options.jobs }, work));
}
