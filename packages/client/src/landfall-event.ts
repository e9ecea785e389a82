import type { Generation, Run, Status } from './api-schema.ts';
import type { Message } from './read-messages.ts';

/**
 * An event of the service. `dataset`: a new generation is served. `run`: progress or the report of a run. `status`: the health has
 * changed. After every connection the service sends the current state first, so an event may repeat what you know.
 */
export type LandfallEvent =
  | { type: 'dataset'; id: string; data: Generation }
  | { type: 'run'; data: Run }
  | { type: 'status'; data: Status };

/** The event of a message; undefined for a type of a later version, and for a message that is damaged. */
export function landfallEvent({ event, id, data }: Message): LandfallEvent | undefined {
  if (event !== 'dataset' && event !== 'run' && event !== 'status') return undefined;
  const value = parse(data);
  if (typeof value !== 'object' || value === null) return undefined;
  if (event !== 'dataset') return { type: event, data: value } as LandfallEvent;
  if (!('generation' in value && Number.isSafeInteger(value.generation))) return undefined;
  return { type: event, id: id ?? '', data: value as Generation };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
