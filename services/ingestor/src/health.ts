import fastify from 'fastify';

/** Whether the ingestor can do its work, and why not. */
export interface Readiness {
  ready: boolean;
  reason: string;
}

/**
 * The ingestor's own small server: `/healthz` says that it lives, `/readyz` whether it can work.
 *
 * @returns where it listens
 */
export async function serveHealth(host: string, port: number, readiness: () => Readiness) {
  const app = fastify();
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', (_request, reply) => {
    const { ready, reason } = readiness();
    return reply.code(ready ? 200 : 503).send({ ready, reason });
  });
  const address = await app.listen({ host, port });
  return { address, close: () => app.close() };
}
