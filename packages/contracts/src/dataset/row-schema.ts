import { type TSchema, Type } from 'typebox';
import { type Definition, type Field, keyColumn } from './definition.ts';

/** JSON Schema of one row, for the API's description. */
export function rowSchema(definition: Definition) {
  const { one, fields, companions } = definition;
  const properties: Record<string, TSchema> = {
    [keyColumn(definition)]: Type.String({
      description: "the record object's name without its folder and extension",
    }),
  };
  for (const field of fields) {
    const schema = fieldSchema(field);
    properties[field.name] = field.optional ? Type.Union([schema, Type.Null()]) : schema;
  }
  for (const { column, description } of companions) {
    const options = description === undefined ? {} : { description };
    properties[column] = Type.Union([Type.String(), Type.Null()], options);
  }
  return Type.Object(properties, { additionalProperties: false, title: titleOf(one) });
}

/** A value as it is in JSON. */
function fieldSchema(field: Field): TSchema {
  const { description } = field;
  const options = description === undefined ? {} : { description };
  switch (field.type) {
    case 'string':
      return Type.String(options);
    case 'enum':
      return Type.Enum([...field.values], options);
    case 'boolean':
      return Type.Boolean(options);
    case 'integer':
      return Type.Integer({ ...rangeOf(field), ...options });
    case 'decimal':
      return Type.Number({ ...rangeOf(field), ...options });
    case 'date':
      return Type.String({ format: 'date', ...options });
    case 'timestamp':
      return field.unit === 'iso' ? Type.String({ format: 'date-time', ...options }) : Type.Integer(options);
  }
}

const rangeOf = ({ minimum, maximum }: { minimum?: number; maximum?: number }) => ({
  ...(minimum === undefined ? {} : { minimum }),
  ...(maximum === undefined ? {} : { maximum }),
});

const titleOf = (one: string): string => one.charAt(0).toUpperCase() + one.slice(1);
