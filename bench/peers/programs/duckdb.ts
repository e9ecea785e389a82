import { fileURLToPath } from 'node:url';
import { isMeanOfBirths } from '../answers.ts';
import type { Peer, Published, Serving } from '../peer.ts';
import { boundsOf, LIMIT } from '../peer-requests.ts';
import { freePort, runProgram, startProgram } from './program.ts';

const VERSION = '1.5.6-r.1';
const PROCESS = fileURLToPath(new URL('./duckdb-process.ts', import.meta.url));

/** DuckDB in memory behind Fastify, from npm. */
export const duckdb: Peer = {
  name: 'DuckDB',
  async install(folder) {
    const quiet = ['--no-audit', '--no-fund', '--silent'];
    await runProgram('npm', ['install', '--prefix', folder, ...quiet, `@duckdb/node-api@${VERSION}`]);
    return { version: VERSION, start: (published) => start(published, folder) };
  },
};

async function start({ output }: Published, folder: string): Promise<Serving> {
  const address = await freePort();
  const server = await startProgram({
    command: process.execPath,
    args: [PROCESS, folder, output, address.slice(address.indexOf(':') + 1)],
    address: `http://${address}`,
    ready: '/ready',
    folder,
  });
  return {
    ...server,
    page({ after, ...window }) {
      const [from, before] = boundsOf(window);
      return { path: `/page?after=${after}&from=${from}&before=${before}&limit=${LIMIT}` };
    },
    mean(window) {
      const [from, before] = boundsOf(window);
      return { path: `/mean?from=${from}&before=${before}` };
    },
    all: { path: '/all' },
    isMean: isMeanOfBirths,
  };
}
