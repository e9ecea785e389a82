import fs from 'node:fs';
import fastify from 'fastify';
import type { ServerSpec } from './server.ts';

/** Ceilings of serving: Fastify routes that send prepared bytes. */
export async function startBareServer({ page, tiny, streams }: ServerSpec & { serve: 'bare' }) {
  const app = fastify();
  const [pageBytes, tinyBytes] = [fs.readFileSync(page), fs.readFileSync(tiny)];
  app.get('/page', (_request, reply) => reply.type('application/json; charset=utf-8').send(pageBytes));
  app.get('/tiny', (_request, reply) => reply.type('application/json; charset=utf-8').send(tinyBytes));
  app.get('/not-modified', (_request, reply) => reply.header('etag', '"1"').code(304).send());
  for (const [name, file] of Object.entries(streams)) {
    app.get(`/${name}`, (_request, reply) => reply.type('text/plain').send(fs.createReadStream(file)));
  }
  return { address: await app.listen({ host: '127.0.0.1', port: 0 }), stop: () => app.close() };
}
