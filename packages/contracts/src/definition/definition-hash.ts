import { hash } from 'node:crypto';
import type { Definition, Field } from '../dataset/definition.ts';

/**
 * A checksum of what decides which rows a data set has: definitions with the same hash give the same rows. Texts for people, names
 * of parameters, and statistics do not count.
 *
 * @see RFC 8785, the form of the JSON that is hashed
 */
export function definitionHash(definition: Definition): string {
  const { description: _, statistics: __, fields, companions, ...rest } = definition;
  const relevant = {
    max_bytes: DEFAULT_MAX_BYTES,
    missing: [''],
    ...rest,
    fields: fields.map(relevantOf),
    companions: companions.map(({ description: _, ...companion }) => companion),
  };
  return hash('sha256', canonicalJson(relevant));
}

const DEFAULT_MAX_BYTES = 65_536;

function relevantOf(field: Field): object {
  const { description: _, from, optional = false, ...rest } = field;
  if ('asked_as' in rest) delete (rest as { asked_as?: string }).asked_as;
  return { from: from ?? null, optional, ...rest };
}

/** JSON with sorted members and no white space. Names are ASCII here, so that their order is that of UTF-16. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${canonicalJson(each)}`).join()}}`;
}
