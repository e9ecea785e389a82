import { hash } from 'node:crypto';
import {
  type Definition,
  type Field,
  hasJsonRecords,
  headerOf,
  isTimeField,
  maxRecordBytes,
  missingTexts,
  pointerOf,
} from '../dataset/definition.ts';
import { oncePer } from '../once-per.ts';

/**
 * A checksum of what decides which rows a data set has: definitions with the same hash give the same rows. Texts for people, names
 * of parameters, and statistics do not count.
 *
 * It is computed once per definition: each look at the manifest compares hashes.
 *
 * @see RFC 8785, the form of the JSON that is hashed
 */
export const definitionHash = oncePer((definition: Definition): string =>
  hash('sha256', canonicalJson(relevantPart(definition))),
);

function relevantPart(definition: Definition): object {
  const { description: _, statistics: __, fields, companions, ...rest } = definition;
  return {
    ...rest,
    max_bytes: maxRecordBytes(definition),
    missing: missingTexts(definition),
    fields: fields.map((field) => relevantOf(definition, field)),
    companions: companions.map(({ description: _, ...companion }) => companion),
  };
}

/** A field with all defaults, and without what does not count. */
function relevantOf(definition: Definition, field: Field): object {
  const { description: _, ...rest } = field;
  const from = hasJsonRecords(definition) ? pointerOf(field) : headerOf(field);
  const common = { ...rest, from, optional: field.optional ?? false };
  return isTimeField(field) ? { ...common, past: field.past ?? false, asked_as: undefined } : common;
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
