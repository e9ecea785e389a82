import path from 'node:path';
import { runProgram } from './program.ts';

/**
 * Installs packages of PyPI into an environment of their own.
 *
 * @param packages with their versions: `datasette==0.65.5`
 * @returns where a program of theirs is
 * @throws Error when Python, pip or a package can't be had
 */
export async function installPython(folder: string, packages: string[]) {
  await runProgram('python3', ['-m', 'venv', folder]);
  const program = (name: string) => path.join(folder, 'bin', name);
  await runProgram(program('pip'), ['install', '--quiet', '--no-input', ...packages]);
  return program;
}
