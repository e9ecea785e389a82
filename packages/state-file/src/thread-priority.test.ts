import { once } from 'node:events';
import os from 'node:os';
import { Worker } from 'node:worker_threads';
import t from 'tap';

const MODULE_URL = new URL('./thread-priority.ts', import.meta.url).href;

/** The priority of a thread that starts with `start` and calls `lowerThreadPriority(wanted)`. */
async function priorityAfter(start: number, wanted: number): Promise<number> {
  const code = `
    import os from 'node:os';
    import { parentPort } from 'node:worker_threads';
    import { lowerThreadPriority } from '${MODULE_URL}';
    os.setPriority(${start});
    lowerThreadPriority(${wanted});
    parentPort.postMessage(os.getPriority());`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
  const [priority] = await once(worker, 'message');
  await worker.terminate();
  return priority;
}

t.test('a thread priority is lowered, and never raised', async (t) => {
  const mine = os.getPriority();
  const isLinux = process.platform === 'linux';
  t.equal(await priorityAfter(mine, 19), isLinux ? 19 : mine);
  t.equal(await priorityAfter(19, 10), 19, 'a lower priority stays');
  t.equal(os.getPriority(), isLinux ? mine : os.getPriority(), 'other threads keep their priority');
});
