import type { TSchema } from 'typebox';
import { nameHint } from '../text/nearest-name.ts';
import type { DefinitionFault } from './definition-error.ts';
import { DefinitionFrame, FIELD_SCHEMAS, MAX_FIELDS } from './definition-schema.ts';
import { schemaFaults } from './schema-faults.ts';

/** What the schema of definition files finds wrong. Each field is checked with the schema of its type. */
export function structureFaults(value: unknown): DefinitionFault[] {
  const faults = schemaFaults(DefinitionFrame, value, '');
  const fields = typeof value === 'object' && value !== null && 'fields' in value ? value.fields : undefined;
  if (!Array.isArray(fields)) return faults;
  const checked = fields.slice(0, MAX_FIELDS);
  return [...faults, ...checked.flatMap((field, i) => fieldFaults(field, `/fields/${i}`))];
}

function fieldFaults(field: unknown, pointer: string): DefinitionFault[] {
  if (typeof field !== 'object' || field === null) return [];
  const type = 'type' in field ? field.type : undefined;
  const schemas: Readonly<Record<string, TSchema>> = FIELD_SCHEMAS;
  const schema = typeof type === 'string' && Object.hasOwn(schemas, type) ? schemas[type] : undefined;
  if (schema) return schemaFaults(schema, field, pointer);
  const types = Object.keys(schemas);
  const hint = typeof type === 'string' ? nameHint(type, types) : undefined;
  const message = `must be one of ${types.join(', ')}`;
  return [{ pointer: `${pointer}/type`, message, hint }, ...commonFaults(field, pointer)];
}

/** Faults of a field with an unknown type: of members that all types have, and of members that none has. */
function commonFaults(field: object, pointer: string): DefinitionFault[] {
  const ofString = Object.keys(FIELD_SCHEMAS.string.properties);
  const ofAny = Object.values(FIELD_SCHEMAS).flatMap(({ properties }) => Object.keys(properties));
  const members = Object.entries(field).filter(([name]) => ofString.includes(name) || !ofAny.includes(name));
  return schemaFaults(FIELD_SCHEMAS.string, { ...Object.fromEntries(members), type: 'string' }, pointer);
}
