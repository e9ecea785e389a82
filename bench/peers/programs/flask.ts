import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMeanOfBirths } from '../answers.ts';
import type { Peer, Published, Serving } from '../peer.ts';
import { boundsOf, LIMIT } from '../peer-requests.ts';
import { freePort, startProgram } from './program.ts';
import { installPython } from './python-packages.ts';

const [FLASK, GUNICORN, MINIO] = ['3.1.3', '27.0.1', '7.2.20'];
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
/** One worker per core because of Python's GIL, with threads for keep-alive. */
const WORKERS = os.availableParallelism();
const THREADS = 4;

/** flask-service.py under gunicorn. Each worker loads the rows from the file. */
export const flask: Peer = {
  name: 'Flask',
  async install(folder) {
    const packages = [`flask==${FLASK}`, `gunicorn==${GUNICORN}`, `minio==${MINIO}`];
    const program = await installPython(path.join(folder, 'python'), packages);
    return {
      version: `${FLASK}, gunicorn ${GUNICORN}`,
      start: (published) => start(published, folder, program('gunicorn')),
    };
  },
};

async function start({ root }: Published, folder: string, command: string): Promise<Serving> {
  const address = await freePort();
  const server = await startProgram({
    command,
    args: [
      ...['--workers', String(WORKERS), '--threads', String(THREADS), '--bind', address],
      // Loading the file, or a queued answer, can take longer than the default.
      ...['--timeout', '300', '--chdir', FOLDER, 'flask-service:app'],
    ],
    env: { DATA_DIR: root, PYTHONDONTWRITEBYTECODE: '1' },
    address: `http://${address}`,
    ready: '/data?limit=1',
    folder,
  });
  return {
    ...server,
    page({ after, ...window }) {
      const [from, before] = boundsOf(window);
      return { path: `/data?after=${after}&from=${from}&before=${before}&limit=${LIMIT}` };
    },
    mean(window) {
      const [from, before] = boundsOf(window);
      return { path: `/stats?from=${from}&before=${before}` };
    },
    all: { path: '/data' },
    isMean: isMeanOfBirths,
  };
}
