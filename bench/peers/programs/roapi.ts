import fs from 'node:fs';
import path from 'node:path';
import { isMeanOfBirths } from '../answers.ts';
import type { Peer, Published, Serving, Target } from '../peer.ts';
import { boundsOf, LIMIT, type Window } from '../peer-requests.ts';
import { freePort, startProgram } from './program.ts';
import { installPython } from './python-packages.ts';

const VERSION = '0.12.7';
const TEXTS = ['user_id', 'first_name', 'last_name'];

/** ROAPI over Arrow in memory, from PyPI, with a declared schema so that ids stay text. */
export const roapi: Peer = {
  name: 'ROAPI',
  async install(folder) {
    const program = await installPython(path.join(folder, 'python'), [`roapi==${VERSION}`]);
    return { version: VERSION, start: (published) => start(published, folder, program('roapi')) };
  },
};

async function start({ output }: Published, folder: string, command: string): Promise<Serving> {
  const config = path.join(folder, 'roapi.yml');
  fs.writeFileSync(config, JSON.stringify(configOf(output)));
  const address = await freePort();
  const server = await startProgram({
    command,
    args: [
      ...['--config', config, '--addr-http', address],
      ...['--addr-postgres', await freePort(), '--addr-flight-sql', await freePort()],
    ],
    // Otherwise it logs every answer.
    env: { RUST_LOG: 'warn' },
    address: `http://${address}`,
    ready: '/api/tables/users?limit=1',
    folder,
  });
  return {
    ...server,
    // By SQL: its REST filters accept no negative numbers, so no births before 1970.
    page: ({ after, ...window }) =>
      sql(
        `select * from users where user_id > '${after}' and ${bornIn(window)} order by user_id limit ${LIMIT}`,
      ),
    mean: (window) =>
      sql(`select count(*) as count, avg(birthts) as mean from users where ${bornIn(window)}`),
    all: { path: '/api/tables/users' },
    isMean: isMeanOfBirths,
  };
}

const sql = (body: string): Target => ({ path: '/api/sql', body });

function bornIn(window: Window): string {
  const [from, before] = boundsOf(window);
  return `birthts >= ${from} and birthts < ${before}`;
}

/** JSON is valid YAML. */
const configOf = (output: string) => ({
  tables: [
    {
      name: 'users',
      uri: output,
      option: { format: 'csv', has_header: true, use_memory_table: true },
      schema: {
        columns: [
          ...TEXTS.map((name) => ({ name, data_type: 'Utf8', nullable: false })),
          { name: 'birthts', data_type: 'Int64', nullable: false },
          { name: 'img_path', data_type: 'Utf8', nullable: true },
        ],
      },
    },
  ],
});
