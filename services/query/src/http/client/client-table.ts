import type { Client } from './client.ts';

/**
 * A bounded table with a state per client. When it is full, the client that was used least recently is dropped and starts again
 * with a new state.
 *
 * @param maxClients at least 1
 * @param create makes the state of a new client
 */
export function openClientTable<State>(maxClients: number, create: () => State) {
  // A Map iterates in the order of insertion.
  const states = new Map<string, State>();

  return {
    /** The state of a client. It becomes the most recently used one. */
    use({ kind, name }: Client): State {
      const key = `${kind} ${name}`;
      const known = states.get(key);
      const state = known ?? create();
      if (known !== undefined) states.delete(key);
      else if (states.size >= maxClients) dropOldest();
      states.set(key, state);
      return state;
    },

    /** Forgets a client that needs no state any more. */
    drop({ kind, name }: Client): void {
      states.delete(`${kind} ${name}`);
    },

    /** The states of all clients, the least recently used one first. */
    states: (): Iterable<State> => states.values(),

    size: (): number => states.size,
  };

  function dropOldest(): void {
    for (const key of states.keys()) {
      states.delete(key);
      return;
    }
  }
}
