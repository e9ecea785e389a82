import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings } from 'typebox/system';
import { escapePointer } from '../text/json-text.ts';
import { nameHint } from '../text/nearest-name.ts';
import type { DefinitionFault } from './definition-error.ts';

/** Faults that are looked for in one value. The library's own limit is 8. */
const MAX_FAULTS = 1_000;

/** Each field is checked with the schema of its type. */
const compiled = new WeakMap<TSchema, ReturnType<typeof Compile>>();

/**
 * What a schema finds wrong with a value, one fault for each place.
 *
 * @param pointer JSON pointer to the value
 */
export function schemaFaults(schema: TSchema, value: unknown, pointer: string): DefinitionFault[] {
  const faults = new Map<string, DefinitionFault>();
  for (const error of errorsOf(schema, value)) {
    const found = faultsOf(schema, error, pointer + error.instancePath);
    for (const fault of found) if (!faults.has(fault.pointer)) faults.set(fault.pointer, fault);
  }
  return [...faults.values()];
}

function errorsOf(schema: TSchema, value: unknown): SchemaError[] {
  const validator = compiled.get(schema) ?? Compile(schema);
  compiled.set(schema, validator);
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: MAX_FAULTS });
  try {
    return validator.Errors(value);
  } finally {
    Settings.Set({ maxErrors });
  }
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
    const known = Object.keys(propertiesAt(schema, error.instancePath));
    return error.params.additionalProperties.map((name) => ({
      pointer: `${at}/${escapePointer(name)}`,
      message: 'is unknown',
      hint: nameHint(name, known) ?? `known are ${known.join(', ')}`,
    }));
  }
  if (error.keyword === 'required') {
    return error.params.requiredProperties.map((name) => ({
      pointer: `${at}/${name}`,
      message: 'is missing',
    }));
  }
  // Only names have a pattern.
  if (error.keyword === 'pattern') return [{ pointer: at, message: 'is no name', hint: FORM_OF_NAMES }];
  if (error.keyword === 'enum') {
    return [{ pointer: at, message: `must be one of ${error.params.allowedValues.join(', ')}` }];
  }
  return [{ pointer: at, message: error.message }];
}

const FORM_OF_NAMES =
  'a name has lower-case letters, digits and single underscores, and begins with a letter';
