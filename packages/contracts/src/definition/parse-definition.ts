import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Definition, keyColumn } from '../dataset/definition.ts';
import { jsonFaults } from '../text/json-text.ts';
import { checkDefinition } from './check-definition.ts';
import { DefinitionError, type DefinitionFault } from './definition-error.ts';
import { DefinitionFile, DefinitionFrame, FIELD_SCHEMAS } from './definition-schema.ts';
import { keyPatternOf, parseKeyPattern } from './key-pattern.ts';
import { schemaFaults } from './schema-faults.ts';

/**
 * Parses a definition file, and fills in the defaults.
 *
 * @param file its name, for messages
 * @throws DefinitionError with all faults: of the JSON first; then of the schema; then what contradicts itself
 */
export function parseDefinition(text: string, file: string): Definition {
  const value = parseJson(text, file);
  const faults = structureFaults(value);
  if (faults.length > 0 || !isDefinitionFile.Check(value)) throw new DefinitionError(file, faults);
  const { $schema: _, companions = [], derived = [], statistics = [], ...rest } = value;
  const definition: Definition = {
    ...rest,
    companions: companions.map(({ column, ...companion }) => ({
      ...companion,
      column: column ?? `${companion.name}_path`,
    })),
    derived,
    statistics,
  };
  const contradictions = patternFaults(definition);
  if (contradictions.length === 0) contradictions.push(...checkDefinition(definition));
  if (contradictions.length > 0) throw new DefinitionError(file, contradictions);
  return definition;
}

const isDefinitionFile = Compile(DefinitionFile);

function structureFaults(value: unknown): DefinitionFault[] {
  const faults = schemaFaults(DefinitionFrame, value, '');
  const fields = typeof value === 'object' && value !== null && 'fields' in value ? value.fields : undefined;
  if (!Array.isArray(fields)) return faults;
  return [...faults, ...fields.flatMap((field, i) => fieldFaults(field, `/fields/${i}`))];
}

function fieldFaults(field: unknown, pointer: string): DefinitionFault[] {
  if (typeof field !== 'object' || field === null) return [];
  const type = 'type' in field ? field.type : undefined;
  const schemas: Readonly<Record<string, TSchema>> = FIELD_SCHEMAS;
  const types = Object.keys(FIELD_SCHEMAS).join(', ');
  if (typeof type !== 'string' || !Object.hasOwn(schemas, type)) {
    return [{ pointer: `${pointer}/type`, message: `must be one of ${types}` }];
  }
  const schema = schemas[type];
  return schema ? schemaFaults(schema, field, pointer) : [];
}

/** Patterns that have another form, or another id than that of the records. */
function patternFaults(definition: Definition): DefinitionFault[] {
  const patterns = [
    { pointer: '/records', pattern: definition.records },
    ...definition.companions.map(({ files }, i) => ({ pointer: `/companions/${i}/files`, pattern: files })),
  ];
  const faults = patterns.flatMap(({ pointer, pattern }): DefinitionFault[] => {
    const parsed = parseKeyPattern(pattern, pointer !== '/records');
    if ('problem' in parsed)
      return [{ pointer, message: parsed.problem, hint: `${pattern} is no key pattern` }];
    return pointer === '/records' && !/\.(?:csv|json)$/.test(pattern)
      ? [{ pointer, message: 'does not end in .csv or .json' }]
      : [];
  });
  if (faults.length > 0) return faults;
  const key = keyColumn(definition);
  return patterns
    .filter(({ pattern }) => keyPatternOf(pattern).id !== key)
    .map(({ pointer }) => ({ pointer, message: `must have {${key}}, as the pattern of the records` }));
}

function parseJson(text: string, file: string): unknown {
  const json = text.replace(/^\ufeff/, '');
  const faults = jsonFaults(json).map(({ at, pointer = '', message }) => ({
    pointer,
    message: at ? `line ${at.line}, column ${at.column}: ${message}` : message,
  }));
  if (faults.length > 0) throw new DefinitionError(file, faults);
  return JSON.parse(json);
}
