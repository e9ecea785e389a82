import { type TObject, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { ApiError } from './api-error.ts';

/** The schema of a route without query parameters. */
export const NoQuery = Type.Object({}, { additionalProperties: false });

/**
 * Makes the values a schema speaks of out of a query string's texts. Stricter than a coercing validator: a name
 * that is not known, a name given twice, `1e1` or ` 5` for an integer are all errors, since a typo must not
 * return everybody.
 *
 * @returns a function from texts to values, which are in the schema's order, whatever the texts' is; it throws ApiError
 * bad_parameter with all that is wrong
 */
export function queryReader(schema: TObject): (texts: Record<string, unknown>) => Record<string, unknown> {
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
    const value = isRepeatable ? [given].flat() : readText(String(given), property);
    if (!validator.Check(value)) return `is ${JSON.stringify(given)}, but ${expectation(property)}`;
    values[name] = value;
    return undefined;
  }

  return (texts) => {
    const values: Record<string, unknown> = {};
    const faults: { parameter: string; detail: string }[] = [];
    for (const parameter of Object.keys(texts)) {
      if (!known.has(parameter)) faults.push({ parameter, detail: unknownParameter([...known.keys()]) });
    }
    for (const [parameter, how] of known) {
      const isGiven = Object.hasOwn(texts, parameter);
      if (!isGiven && !required.has(parameter)) continue;
      const detail = isGiven ? faultOf(parameter, how, texts[parameter], values) : 'is missing';
      if (detail !== undefined) faults.push({ parameter, detail });
    }
    if (faults.length === 0) return values;
    const detail = faults.map((fault) => `${fault.parameter} ${fault.detail}`).join('; ');
    throw new ApiError('bad_parameter', detail, {
      parameters: faults.map((fault) => fault.parameter),
      faults,
    });
  };
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
export function queryValidator(schema: TObject) {
  const read = queryReader(schema);
  return (texts: Record<string, unknown>) => {
    try {
      return { value: read(texts) };
    } catch (error) {
      if (error instanceof ApiError) return { error };
      throw error;
    }
  };
}
