import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import t from 'tap';
import { makeService } from '../support/_service.ts';

const SECRET = 'what nobody may read';

t.test('no path of a companion leads out of the bucket’s folder, and none blocks', async (t) => {
  const { ask, store, publish, databaseFile } = await makeService(t);
  const root = path.dirname(path.dirname(databaseFile));
  await store.createBucket('src-data');
  const file = (name: string) => path.join(root, 'src-data', name);
  fs.mkdirSync(path.join(root, 'outside'));
  fs.writeFileSync(path.join(root, 'outside/1.png'), SECRET);
  fs.writeFileSync(file('plain.png'), 'a picture');
  fs.symlinkSync('plain.png', file('inside.png'));
  fs.symlinkSync('../outside/1.png', file('link.png'));
  fs.symlinkSync('../outside', file('folder'));
  fs.symlinkSync('/dev/zero', file('device.png'));
  fs.symlinkSync('/proc/self/environ', file('environ.png'));
  execFileSync('mkfifo', [file('pipe.png')]);
  fs.symlinkSync('pipe.png', file('linked-pipe.png'));
  const server = net.createServer().listen(file('socket.png'));
  t.teardown(() => server.close());
  await once(server, 'listening');

  const expected = {
    'src-data/plain.png': 200,
    'src-data/inside.png': 200,
    'src-data/link.png': 404,
    'src-data/folder/1.png': 404,
    'src-data/device.png': 404,
    'src-data/environ.png': 404,
    'src-data/pipe.png': 404,
    'src-data/linked-pipe.png': 404,
    'src-data/socket.png': 404,
    'src-data/../outside/1.png': 404,
    'src-data/a/../../outside/1.png': 404,
    'src-data//1.png': 404,
  };
  const users = Object.keys(expected).map((img_path, i) => ({
    ...{ user_id: String(100 + i), first_name: 'A', last_name: 'B', birthts: 5, img_path },
  }));
  await publish(1, users);
  for (const { user_id, img_path } of users) {
    const status = Object.entries(expected).find(([name]) => name === img_path)?.[1];
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(`/data/${user_id}/image`, {}, method);
      t.equal(answer.status, status, `${method} ${img_path}`);
      t.notMatch(answer.text, SECRET);
      if (status === 200 && method === 'GET') t.equal(answer.text, 'a picture');
      if (status === 404 && method === 'GET') t.notMatch(answer.text, root, 'the error shows no path');
    }
  }
});

t.test('an id in the address with dots and slashes is an id and no path', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, []);
  for (const id of ['..%2f..%2fetc%2fpasswd', '%2e%2e%2f', '..%5c..']) {
    const answer = await ask(`/data/${id}/image`);
    t.match(answer, { status: 404, json: { code: 'user_not_found' } }, id);
  }
});
