import { once } from 'node:events';
import os from 'node:os';
import { Worker } from 'node:worker_threads';
import t from 'tap';

const URL_OF_IT = new URL('./thread-priority.ts', import.meta.url).href;

/** What a thread has, which begins at one priority and asks for another; without root's permission to raise it. */
async function asked(begin: number, wanted: number): Promise<number> {
  const code = `
    import os from 'node:os';
    import { parentPort } from 'node:worker_threads';
    import { lowerThreadPriority } from '${URL_OF_IT}';
    os.setPriority(${begin});
    lowerThreadPriority(${wanted});
    parentPort.postMessage(os.getPriority());`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
  const [priority] = await once(worker, 'message');
  await worker.terminate();
  return priority;
}

t.test('the priority of a thread is lowered, and never raised', async (t) => {
  const mine = os.getPriority();
  const isLinux = process.platform === 'linux';
  t.equal(await asked(mine, 19), isLinux ? 19 : mine);
  t.equal(await asked(19, 10), 19, 'one that is lower already stays as it is');
  t.equal(os.getPriority(), isLinux ? mine : os.getPriority(), 'other threads keep theirs');
});
