import { type Definition, type Field, isTimeField, keyColumn } from '@landfall/contracts/dataset/definition';
import { decimalText } from '@landfall/contracts/values/decimal';
import { type TSchema, Type } from 'typebox';

/** Ids in one request. */
const MAX_IDS = 1_000;

/** The query parameters that select rows, by name, in the order of the OpenAPI document. */
export function filterParameters(definition: Definition): Record<string, TSchema> {
  const { name: rows, fields, companions, derived } = definition;
  const parameters: Record<string, TSchema> = {};
  for (const { name } of companions) {
    const description = `only ${rows} with (\`true\`) or without (\`false\`) the file \`${name}\``;
    parameters[`is_${name}_exists`] = Type.Boolean({ description });
  }
  for (const { name, maximum } of derived) {
    for (const [bound, words] of [
      ['min', 'at least'],
      ['max', 'at most'],
    ]) {
      const description = `${name} of ${words} this many whole years (by the calendar, UTC)`;
      parameters[`${bound}_${name}`] = Type.Integer({ minimum: 0, maximum, description });
    }
  }
  for (const { name, asked_as: prefix = name } of fields.filter(isTimeField)) {
    for (const bound of ['after', 'before']) {
      const description = `${prefix} ${bound} this UTC day (\`2000-02-29\`), excluding the day itself`;
      parameters[`${prefix}_${bound}`] = Type.String({ format: 'date', description });
    }
  }
  parameters[keyColumn(definition)] = Type.Array(Type.String(), {
    maxItems: MAX_IDS,
    description: `only ${rows} with these ids; repeat the parameter for several ids`,
  });
  for (const field of fields) {
    Object.assign(parameters, valueParameters(field));
    if (!field.optional) continue;
    const description = `only ${rows} with (\`true\`) or without (\`false\`) a value of \`${field.name}\``;
    parameters[`is_${field.name}_exists`] = Type.Boolean({ description });
  }
  return Object.fromEntries(
    Object.entries(parameters).map(([name, schema]) => [name, Type.Optional(schema)]),
  );
}

/** The parameters that compare the value of a field, other than a time. */
function valueParameters(field: Field): Record<string, TSchema> {
  const { name } = field;
  switch (field.type) {
    case 'string': {
      const description = `exactly this \`${name}\`; with \`*\` at the end, values that begin with it`;
      return { [name]: Type.String({ minLength: 1, description }) };
    }
    case 'enum': {
      const description = `only this \`${name}\`; repeat the parameter for several values`;
      return { [name]: Type.Array(Type.Enum([...field.values]), { maxItems: MAX_IDS, description }) };
    }
    case 'boolean':
      return { [name]: Type.Boolean({ description: `only this \`${name}\`` }) };
    case 'integer':
      return numberParameters(name, (description) =>
        Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER, description }),
      );
    case 'decimal': {
      const { scale } = field;
      const pattern = scale === 0 ? '^-?\\d+$' : `^-?\\d+(?:\\.\\d{1,${scale}})?$`;
      const examples = [decimalText(10 ** scale + 1, scale)];
      return numberParameters(name, (description) => Type.String({ pattern, examples, description }));
    }
    case 'date':
    case 'timestamp':
      return {};
  }
}

const numberParameters = (name: string, schema: (description: string) => TSchema) => ({
  [name]: schema(`exactly this \`${name}\``),
  [`min_${name}`]: schema(`\`${name}\` of at least this value`),
  [`max_${name}`]: schema(`\`${name}\` of at most this value`),
});
