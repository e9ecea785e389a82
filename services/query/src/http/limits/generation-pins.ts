import type { GenerationUse } from '../../dataset/retention.ts';
import type { Client } from '../client/client.ts';
import { openClientTable } from '../client/client-table.ts';

/** Clients that are known at a time. */
const MAX_CLIENTS = 10_000;

export type GenerationPins = ReturnType<typeof openGenerationPins>;

/**
 * Which generations are in use by clients that read pages or streams: used generations are kept for a while.
 *
 * @param maxPerClient generations of one client; the one that it used least recently is forgotten for the next one
 */
export function openGenerationPins(maxPerClient: number) {
  /** When each client used its generations, ms since 1970 UTC; the least recently used one first. */
  const ofClients = openClientTable(MAX_CLIENTS, () => new Map<number, number>());
  /** When each generation was used last by a page of the response cache, which does not ask who the client is. */
  const cached = new Map<number, number>();

  function use(client: Client, { generation }: { generation: number }, now: number): void {
    const pinned = ofClients.use(client);
    pinned.delete(generation);
    pinned.set(generation, now);
    if (pinned.size <= maxPerClient) return;
    const [leastRecent] = pinned.keys();
    if (leastRecent !== undefined) pinned.delete(leastRecent);
  }

  return {
    /** Notes the use by a client. @param now ms since 1970 UTC */
    use,

    /** Notes the use of a cached page. It counts only while a client has the generation. */
    useCached({ generation }: { generation: number }, now: number): void {
      cached.set(generation, now);
    },

    /** Passes on the chunks of a stream, and notes the use of its generation as long as there are more. */
    async *useWhileReading<T>(
      client: Client,
      at: { generation: number },
      clock: () => number,
      chunks: AsyncIterable<T>,
    ): AsyncGenerator<T> {
      for await (const chunk of chunks) {
        use(client, at, clock());
        yield chunk;
      }
    },

    /** The use of each generation. Forgets what was used last before `since`, ms since 1970 UTC. */
    usesSince(since: number): ReadonlyMap<number, GenerationUse> {
      const uses = new Map<number, GenerationUse>();
      for (const pinned of ofClients.states()) {
        for (const [generation, used] of pinned) {
          const lastUsed = Math.max(used, cached.get(generation) ?? 0);
          if (lastUsed <= since) {
            pinned.delete(generation);
            continue;
          }
          const { clients, lastUsed: latest } = uses.get(generation) ?? { clients: 0, lastUsed: 0 };
          uses.set(generation, {
            clients: used > since ? clients + 1 : clients,
            lastUsed: Math.max(lastUsed, latest),
          });
        }
      }
      for (const generation of cached.keys()) if (!uses.has(generation)) cached.delete(generation);
      return uses;
    },
  };
}
