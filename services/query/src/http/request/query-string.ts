import { nearestName } from '@landfall/contracts/text/nearest-name';
import { type TObject, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { ApiError } from '../../errors/api-error.ts';
import { truncate } from '../../errors/truncate.ts';

/** Schema of a route without query parameters. */
export const NoQuery = Type.Object({}, { additionalProperties: false });

/** Bounds of an error that quotes the client's input. */
const MAX_FAULTS = 10;
const MAX_NAME = 40;
const MAX_VALUE = 60;

/** A keyword of a parameter's schema: text that is added when the value is not one of its enum. */
export const ERROR_HINT = 'x-error-hint';

/** An invalid parameter, and why. */
interface Fault {
  parameter: string;
  detail: string;
}

/**
 * Compiles a parser that turns the texts of a query string into the values of a schema. It is stricter than a coercing
 * validator: an unknown name, a name given twice, `1e1` or ` 5` for an integer are errors, because a typo must not return all
 * rows. Text is normalized to NFC, as ids and names are stored.
 *
 * @returns a function from texts to values. The values come in the order of the schema. It throws ApiError bad_parameter with
 * all faults, at most ten
 */
export function compileQueryParser(
  schema: TObject,
): (texts: Record<string, unknown>) => Record<string, unknown> {
  const known = new Map(
    Object.entries(schema.properties).map(([name, property]) => [
      name,
      { property, validator: Compile(property) },
    ]),
  );
  const required = new Set<string>(schema.required);

  function parseParameter(
    name: string,
    { property, validator }: NonNullable<ReturnType<typeof known.get>>,
    given: unknown,
    values: Record<string, unknown>,
  ): string | undefined {
    const isRepeatable = typeOf(property) === 'array';
    if (!isRepeatable && typeof given !== 'string') return 'is given more than once';
    const value = isRepeatable ? [given].flat().map(toNfc) : readText(toNfc(given), property);
    if (!validator.Check(value)) return `is ${quote(given)}, but ${expectation(property)}`;
    values[name] = value;
    return undefined;
  }

  return (texts) => {
    const values: Record<string, unknown> = {};
    const faults: Fault[] = [];
    for (const parameter of Object.keys(texts)) {
      if (known.has(parameter)) continue;
      const isShown = faults.length < MAX_FAULTS;
      const detail = isShown ? unknownParameter(parameter, [...known.keys()], faults.length === 0) : '';
      faults.push({ parameter, detail });
    }
    for (const [parameter, how] of known) {
      const isGiven = Object.hasOwn(texts, parameter);
      if (!isGiven && !required.has(parameter)) continue;
      const detail = isGiven ? parseParameter(parameter, how, texts[parameter], values) : 'is missing';
      if (detail !== undefined) faults.push({ parameter, detail });
    }
    if (faults.length === 0) return values;
    throw badParametersError(faults);
  };
}

function badParametersError(all: readonly Fault[]): ApiError {
  const faults = all
    .slice(0, MAX_FAULTS)
    .map(({ parameter, detail }) => ({ parameter: truncate(parameter, MAX_NAME), detail }));
  const more = all.length > faults.length ? `; and ${all.length - faults.length} more` : '';
  const detail = faults.map((fault) => `${fault.parameter} ${fault.detail}`).join('; ') + more;
  return new ApiError('bad_parameter', detail, {
    parameters: faults.map((fault) => fault.parameter),
    faults,
  });
}

const toNfc = (given: unknown): string => String(given).normalize('NFC');

/** A value as an error quotes it; of a repeated parameter the first values. */
function quote(given: unknown): string {
  const few = Array.isArray(given) ? given.slice(0, MAX_VALUE) : given;
  return truncate(JSON.stringify(few), MAX_VALUE);
}

/** @param isFirst whether the known parameters are listed: the list is long */
function unknownParameter(parameter: string, known: string[], isFirst: boolean): string {
  const nearest = nearestName(parameter, known);
  const unknown = nearest === undefined ? 'is unknown' : `is unknown: did you mean ${nearest}?`;
  if (!isFirst) return unknown;
  return `${unknown}; ${known.length === 0 ? 'there are no parameters' : `known are ${known.join(', ')}`}`;
}

function readText(text: string, property: TSchema): unknown {
  const type = typeOf(property);
  if (type === 'integer') return readInteger(text, property);
  if (type === 'boolean') return { true: true, false: false }[text.toLowerCase()];
  return text;
}

/** Parameters of values read every safe integer. Counts, years and generations have at most 15 digits. */
function readInteger(text: string, property: TSchema): number | undefined {
  const isAnySafe = 'maximum' in property && property.maximum === Number.MAX_SAFE_INTEGER;
  const digits = isAnySafe ? /^-?\d+$/ : /^-?\d{1,15}$/;
  return digits.test(text) ? Number(text) : undefined;
}

function expectation(property: TSchema): string {
  if ('enum' in property && Array.isArray(property.enum)) {
    const hint = ERROR_HINT in property ? ` (${property[ERROR_HINT]})` : '';
    return `must be one of ${property.enum.join(', ')}${hint}`;
  }
  if ('format' in property) return 'must be a date, such as 2000-02-29';
  if ('examples' in property && Array.isArray(property.examples)) {
    const example = String(property.examples[0]);
    const digits = example.split('.')[1]?.length ?? 0;
    const most = digits === 0 ? 'no digit' : digits === 1 ? 'at most 1 digit' : `at most ${digits} digits`;
    return `must be a number like ${example}, with ${most} after the point`;
  }
  if ('items' in property && isEnum(property.items)) return `each ${expectation(property.items)}`;
  if ('maxItems' in property) return `must not be given more than ${property.maxItems} times`;
  if ('minLength' in property) return 'must not be empty';
  if ('minimum' in property && 'maximum' in property) {
    return `must be an integer from ${property.minimum} to ${property.maximum}`;
  }
  if ('minimum' in property) return `must be an integer of ${property.minimum} or more`;
  if (typeOf(property) === 'integer') return 'must be an integer';
  return typeOf(property) === 'boolean' ? 'must be true or false' : 'is not valid';
}

const isEnum = (schema: unknown): schema is TSchema =>
  typeof schema === 'object' && schema !== null && 'enum' in schema;

const typeOf = (property: TSchema): unknown => ('type' in property ? property.type : undefined);

/** The parser as a validator compiler of Fastify. */
export function queryValidatorCompiler(schema: TObject) {
  const read = compileQueryParser(schema);
  return (texts: Record<string, unknown>) => {
    try {
      return { value: read(texts) };
    } catch (error) {
      if (error instanceof ApiError) return { error };
      throw error;
    }
  };
}
