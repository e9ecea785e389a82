import type { Condition } from '@landfall/contracts/messages/condition';
import fastify from 'fastify';

/** How an ingestor is. */
export interface Health {
  role: 'leader' | 'waiting';
  /** Why it leads or waits. */
  reason: string;
  /** Whether it does what it should: leads and has succeeded, or waits while another one leads. */
  ready: boolean;
  readyReason: string;
  conditions: Condition[];
}

/**
 * The ingestor's own small server. `/healthz` answers 200 while the process lives: restarting a waiting ingestor, or one
 * whose store is away, would not help. `/readyz` answers 503 while it does not do what it should. A waiting ingestor is
 * ready: a rolling update that waits for the new one before it stops the old one would wait for ever.
 *
 * @returns where it listens
 */
export async function serveHealth(host: string, port: number, health: () => Health) {
  const app = fastify();
  app.get('/healthz', () => {
    const { role, reason, conditions } = health();
    return { status: 'ok', role, reason, conditions };
  });
  app.get('/readyz', (_request, reply) => {
    const { role, ready, readyReason } = health();
    return reply.code(ready ? 200 : 503).send({ ready, role, reason: readyReason });
  });
  const address = await app.listen({ host, port });
  return { address, close: () => app.close() };
}
