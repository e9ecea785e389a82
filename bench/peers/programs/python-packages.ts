import path from 'node:path';
import { runProgram } from './program.ts';

/**
 * Installs PyPI packages into a virtual environment.
 *
 * @param packages with versions: `datasette==0.65.5`
 * @returns the path of a program
 * @throws Error when Python, pip or a package is missing
 */
export async function installPython(folder: string, packages: string[]) {
  await runProgram('python3', ['-m', 'venv', folder]);
  const program = (name: string) => path.join(folder, 'bin', name);
  await runProgram(program('pip'), ['install', '--quiet', '--no-input', ...packages]);
  return program;
}
