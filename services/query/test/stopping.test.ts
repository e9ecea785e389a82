import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { usersNamed } from './_generation.ts';
import { makeService } from './_service.ts';

t.test(
  'who waits for an answer gets it, and their connection holds up nobody',
  { timeout: 30_000 },
  async (t) => {
    const { address, publish, stop } = await makeService(t, { generationWaitMs: 500 });
    await publish(1, usersNamed('one', 1));
    const agent = new http.Agent({ keepAlive: true });
    t.teardown(() => agent.destroy());
    const request = http.get(`${address}/stats?min_generation=2`, { agent });
    await once(request, 'finish');
    // Another request is answered behind it, so it has been heard.
    await fetch(`${address}/status`);
    const stopped = stop();
    const [response]: http.IncomingMessage[] = await once(request, 'response');
    if (!response) throw new Error('no response');
    t.equal(response.statusCode, 503);
    t.match(await text(response), /generation_not_reached/);
    await stopped;
    t.pass('it has stopped while the client would have gone on');
  },
);
