import { type TObject, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { ApiError } from '../../errors/api-error.ts';
import { truncate } from '../../errors/truncate.ts';

/** The schema of a route without query parameters. */
export const NoQuery = Type.Object({}, { additionalProperties: false });

/** Bounds of an error that names what a client sent, whatever that was. */
const MAX_FAULTS = 10;
const MAX_NAME = 40;
const MAX_VALUE = 60;

/** What is wrong with a parameter. */
interface Fault {
  parameter: string;
  detail: string;
}

/**
 * Makes the values a schema speaks of out of a query string's texts. Stricter than a coercing validator: a name
 * that is not known, a name given twice, `1e1` or ` 5` for an integer are all errors, since a typo must not
 * return everybody. Text is normalized to NFC, as ids and names are stored.
 *
 * @returns a function from texts to values, which are in the schema's order, whatever the texts' is; it throws ApiError
 * bad_parameter with all that is wrong, or the first ten faults
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

  function faultOf(
    name: string,
    { property, validator }: NonNullable<ReturnType<typeof known.get>>,
    given: unknown,
    values: Record<string, unknown>,
  ): string | undefined {
    const isRepeatable = typeOf(property) === 'array';
    if (!isRepeatable && typeof given !== 'string') return 'is given more than once';
    const value = isRepeatable ? [given].flat().map(normalized) : readText(normalized(given), property);
    if (!validator.Check(value)) return `is ${shown(given)}, but ${expectation(property)}`;
    values[name] = value;
    return undefined;
  }

  return (texts) => {
    const values: Record<string, unknown> = {};
    const faults: Fault[] = [];
    for (const parameter of Object.keys(texts)) {
      if (known.has(parameter)) continue;
      // Once is enough to see what is known.
      const detail = faults.length === 0 ? unknownParameter([...known.keys()]) : 'is not known here';
      faults.push({ parameter, detail });
    }
    for (const [parameter, how] of known) {
      const isGiven = Object.hasOwn(texts, parameter);
      if (!isGiven && !required.has(parameter)) continue;
      const detail = isGiven ? faultOf(parameter, how, texts[parameter], values) : 'is missing';
      if (detail !== undefined) faults.push({ parameter, detail });
    }
    if (faults.length === 0) return values;
    throw badParameters(faults);
  };
}

function badParameters(all: readonly Fault[]): ApiError {
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

const normalized = (given: unknown): string => String(given).normalize('NFC');

/** A value as an error shows it; of a repeated parameter its first values. */
function shown(given: unknown): string {
  const few = Array.isArray(given) ? given.slice(0, MAX_VALUE) : given;
  return truncate(JSON.stringify(few), MAX_VALUE);
}

function unknownParameter(known: string[]): string {
  return `is not known here; ${known.length === 0 ? 'there are no parameters' : `known are ${known.join(', ')}`}`;
}

function readText(text: string, property: TSchema): unknown {
  const type = typeOf(property);
  if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
  if (type === 'boolean') return { true: true, false: false }[text.toLowerCase()];
  return text;
}

function expectation(property: TSchema): string {
  if ('enum' in property && Array.isArray(property.enum)) return `must be one of ${property.enum.join(', ')}`;
  if ('format' in property) return 'must be a date, as 2000-02-29';
  if ('maxItems' in property) return `must not be given more than ${property.maxItems} times`;
  if ('minLength' in property) return 'must not be empty';
  if ('minimum' in property && 'maximum' in property) {
    return `must be an integer from ${property.minimum} to ${property.maximum}`;
  }
  if ('minimum' in property) return `must be an integer of ${property.minimum} or more`;
  return typeOf(property) === 'boolean' ? 'must be true or false' : 'is not valid';
}

const typeOf = (property: TSchema): unknown => ('type' in property ? property.type : undefined);

/** The same as Fastify wants it of a validator compiler. */
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
