import { type TObject, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { ApiError } from './problems.ts';

/** The schema of a route without query parameters. */
export const NoQuery = Type.Object({}, { additionalProperties: false });

/**
 * Makes the values a schema speaks of out of a query string's texts. Stricter than a coercing validator: a name
 * that is not known, a name given twice, `1e1` or ` 5` for an integer are all errors, since a typo must not
 * return everybody.
 *
 * @returns a function from texts to values; it throws ApiError bad_parameter with all that is wrong
 */
export function queryReader(schema: TObject): (texts: Record<string, unknown>) => Record<string, unknown> {
  const known = Object.entries(schema.properties);
  const validators = new Map(known.map(([name, property]) => [name, Compile(property)]));
  return (texts) => {
    const values: Record<string, unknown> = {};
    const faults: { parameter: string; detail: string }[] = [];
    for (const [name, text] of Object.entries(texts)) {
      const property = schema.properties[name];
      if (!Object.hasOwn(schema.properties, name) || !property) {
        faults.push({ parameter: name, detail: unknownParameter(known.map(([each]) => each)) });
      } else if (typeof text !== 'string') {
        faults.push({ parameter: name, detail: 'is given more than once' });
      } else {
        const value = readText(text, property);
        if (validators.get(name)?.Check(value)) values[name] = value;
        else
          faults.push({
            parameter: name,
            detail: `is ${JSON.stringify(text)}, but ${expectation(property)}`,
          });
      }
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
  if ('minimum' in property && 'maximum' in property) {
    return `must be an integer from ${property.minimum} to ${property.maximum}`;
  }
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
