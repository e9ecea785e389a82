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

/** The event of a message; undefined for a type of a later version. */
export function landfallEvent({ event, id, data }: Message): LandfallEvent | undefined {
  switch (event) {
    case 'dataset':
      return { type: event, id: id ?? '', data: JSON.parse(data) };
    case 'run':
    case 'status':
      return { type: event, data: JSON.parse(data) };
    default:
      return undefined;
  }
}
