import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { DefinitionFault } from './definition-error.ts';

/**
 * What a schema finds wrong with a value, one fault for each place.
 *
 * @param pointer JSON pointer to the value
 */
export function schemaFaults(schema: TSchema, value: unknown, pointer: string): DefinitionFault[] {
  const faults = new Map<string, DefinitionFault>();
  for (const error of Compile(schema).Errors(value)) {
    const at = pointer + error.instancePath;
    const found = faultsOf(schema, error, at);
    for (const fault of found) if (!faults.has(fault.pointer)) faults.set(fault.pointer, fault);
  }
  return [...faults.values()];
}

/** The properties of the object schema at a place of a value. */
function propertiesAt(schema: TSchema, instancePath: string): object {
  let at: TSchema = schema;
  for (const part of instancePath.split('/').slice(1)) {
    const properties: Record<string, TSchema> = 'properties' in at ? { ...(at.properties as object) } : {};
    const next = /^\d+$/.test(part) && 'items' in at ? (at.items as TSchema) : properties[part];
    if (!next) return {};
    at = next;
  }
  return 'properties' in at ? { ...(at.properties as object) } : {};
}

type SchemaError = ReturnType<ReturnType<typeof Compile>['Errors']>[number];

function faultsOf(schema: TSchema, error: SchemaError, at: string): DefinitionFault[] {
  // An unknown member; the object's own error has the known ones.
  if (error.keyword === 'boolean') return [];
  if (error.keyword === 'additionalProperties') {
    return error.params.additionalProperties.map((name) => {
      const known = Object.keys(propertiesAt(schema, error.instancePath));
      return { pointer: `${at}/${name}`, message: 'is unknown', hint: `known are ${known.join(', ')}` };
    });
  }
  if (error.keyword === 'required') {
    return error.params.requiredProperties.map((name) => ({
      pointer: `${at}/${name}`,
      message: 'is missing',
    }));
  }
  return [{ pointer: at, message: error.message }];
}
