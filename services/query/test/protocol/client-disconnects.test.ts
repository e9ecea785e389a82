import http from 'node:http';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import type { ReadTask } from '../../src/read-thread/worker.ts';
import { rejectsNamed, usersNamed } from '../support/_generation.ts';
import { makeService } from '../support/_service.ts';

for (const target of [
  '/data',
  '/data?limit=5000',
  '/data?count=true&limit=1&last_name=two',
  '/stats?last_name=two',
  '/changes?since=1',
  '/rejects',
  '/rejects?limit=3',
]) {
  t.test(`a disconnect of the client stops the read for ${target}`, async (t) => {
    const { publish, address } = await makeService(t);
    await publish(1, usersNamed('one', 2_000));
    await publish(2, usersNamed('two', 2_000), rejectsNamed('two', 10));
    const stopped = new Set<number>();
    let read: number | undefined;
    const post = Worker.prototype.postMessage;
    // The thread never gets the read, so it goes on for as long as nobody stops it.
    t.intercept(Worker.prototype, 'postMessage', {
      value(this: Worker, message: unknown) {
        const tasks: ReadTask[] = Array.isArray(message) ? message : [];
        for (const task of tasks) {
          if (task.what === 'call') {
            read = task.id;
            request.destroy();
          }
          if (task.what === 'stop') stopped.add(task.id);
        }
        const others = tasks.filter(({ what }) => what !== 'call');
        post.call(this, Array.isArray(message) ? others : message);
      },
    });
    const request = http.get(address + target, { agent: false }).on('error', () => undefined);
    while (read === undefined || !stopped.has(read)) await new Promise(setImmediate);
    t.pass();
  });
}
