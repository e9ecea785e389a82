import path from 'node:path';
import { bareImport } from '../../ingest/sqlite-shell.ts';
import { isMeanOfBirths } from '../answers.ts';
import type { Peer, Published, Serving } from '../peer.ts';
import { boundsOf, LIMIT } from '../peer-requests.ts';
import { freePort, runProgram, startProgram } from './program.ts';
import { installPython } from './python-packages.ts';

const VERSION = '0.65.5';
/** Larger than the number of rows, so that all rows are one answer; without a time limit for slow answers. */
const SETTINGS = { max_returned_rows: '100000000', sql_time_limit_ms: '60000', default_cache_ttl: '0' };
/** Without counts and facets. */
const ROWS_ALONE = '_shape=array&_nocount=1&_nofacet=1';
const MEAN =
  'select count(*) as count, avg(birthts) as mean from users where birthts >= :from and birthts < :before';

/** Datasette over SQLite, from PyPI, tuned according to its performance documentation. */
export const datasette: Peer = {
  name: 'Datasette',
  async install(folder) {
    const program = await installPython(path.join(folder, 'python'), [`datasette==${VERSION}`]);
    return { version: VERSION, start: (published) => start(published, folder, program('datasette')) };
  },
};

/** Imported by sqlite3, the fastest way. The file is immutable for Datasette. */
async function start({ output }: Published, folder: string, command: string): Promise<Serving> {
  const database = path.join(folder, 'users.db');
  const counts = path.join(folder, 'counts.json');
  await bareImport(output, database);
  await runProgram(command, ['inspect', database, '--inspect-file', counts]);
  const address = await freePort();
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['--setting', name, value]);
  const server = await startProgram({
    command,
    args: [
      ...['serve', '--immutable', database, '--inspect-file', counts, ...settings],
      ...['--host', '127.0.0.1', '--port', address.slice(address.indexOf(':') + 1)],
    ],
    address: `http://${address}`,
    ready: '/-/versions.json',
    folder,
  });
  return {
    ...server,
    page({ after, ...window }) {
      const [from, before] = boundsOf(window);
      // The unary plus disables the index of births: scanning in id order finds a page sooner than sorting.
      const where = encodeURIComponent(`+birthts >= ${from} and +birthts < ${before}`);
      return { path: `/users/users.json?user_id__gt=${after}&_where=${where}&_size=${LIMIT}&${ROWS_ALONE}` };
    },
    mean(window) {
      const [from, before] = boundsOf(window);
      return {
        path: `/users.json?_shape=array&sql=${encodeURIComponent(MEAN)}&from=${from}&before=${before}`,
      };
    },
    all: { path: `/users/users.json?_size=max&${ROWS_ALONE}` },
    isMean: isMeanOfBirths,
  };
}
