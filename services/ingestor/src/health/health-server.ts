import type { Condition } from '@landfall/contracts/messages/condition';
import fastify from 'fastify';

/** The health of an ingestor. */
export interface Health {
  role: 'leader' | 'waiting';
  /** Why it leads or waits. */
  reason: string;
  /** Whether it leads and its last run succeeded, or waits because another ingestor leads. */
  ready: boolean;
  readyReason: string;
  conditions: Condition[];
}

/**
 * Serves the health endpoints. `/healthz` answers 200 while the process lives: a restart would not help a waiting ingestor, or one
 * whose store is away. `/readyz` answers 503 while the ingestor is not ready. A waiting ingestor is ready: otherwise a rolling update,
 * which waits for the new process before it stops the old one, would never end.
 *
 * @returns the address that the server listens on
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
