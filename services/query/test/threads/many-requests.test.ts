import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { directoryStore } from '@landfall/object-store/directory-store';
import type { ObjectStore } from '@landfall/object-store/object-store';
import t from 'tap';
import { makeGeneration, publishTo, usersNamed } from '../support/_generation.ts';
import { connect, get } from '../support/_raw.ts';
import { makeService } from '../support/_service.ts';

const CONNECTIONS = 50;
const PIPELINED = 1_008;

t.test(
  '50 connections with 1,008 requests each: the number of concurrent requests is limited, and closed connections have none',
  async (t) => {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-many-'));
    t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
    const directory = directoryStore(root);
    await directory.createBucket('processed-data');
    let [opened, open, most] = [0, 0, 0];
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const store: ObjectStore = {
      ...directory,
      async open(bucket, key) {
        if (bucket === 'processed-data') return await directory.open(bucket, key);
        opened++;
        most = Math.max(most, ++open);
        await held;
        open--;
        return { size: 1, etag: 'e', body: Readable.from([Buffer.from('x')], { objectMode: false }) };
      },
    };
    const service = await makeService(t, {
      store,
      limits: { concurrentRequests: 100, storeTimeoutMs: 3_600_000 },
    });
    await publishTo(directory, 'processed-data', makeGeneration(1, usersNamed('x', 2)));
    await service.syncNow();

    const raws = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(t, service.address)));
    for (const raw of raws) raw.send(get('/data/100001/image').repeat(PIPELINED));
    // Each response follows all requests that were read before.
    for (let i = 0; i < CONNECTIONS; i++) t.equal((await service.ask('/healthz')).status, 200);
    t.ok(most <= 100, `${most} at a time`);
    for (const { socket } of raws) socket.destroy();
    for (let i = 0; i < CONNECTIONS; i++) await service.ask('/healthz');
    goOn();
    for (let i = 0; i < CONNECTIONS; i++) await service.ask('/healthz');
    t.ok(opened <= CONNECTIONS * 8 * 2, `${opened} of ${CONNECTIONS * PIPELINED} were started`);
    t.match(await service.ask('/data?limit=1'), { status: 200 });
  },
);
