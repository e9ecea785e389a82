import { type TSchema, Type } from 'typebox';
import { type Definition, keyColumn } from './definition.ts';

/** JSON Schema of one row, for the API's description. */
export function rowSchema(definition: Definition) {
  const { one, fields, companions } = definition;
  const properties: Record<string, TSchema> = {
    [keyColumn(definition)]: Type.String({
      description: "the record object's name without its folder and extension",
    }),
  };
  for (const { name, type, description } of fields) {
    const options = description === undefined ? {} : { description };
    properties[name] = type === 'timestamp' ? Type.Integer(options) : Type.String(options);
  }
  for (const { column, description } of companions) {
    const options = description === undefined ? {} : { description };
    properties[column] = Type.Union([Type.String(), Type.Null()], options);
  }
  return Type.Object(properties, { additionalProperties: false, title: titleOf(one) });
}

const titleOf = (one: string): string => one.charAt(0).toUpperCase() + one.slice(1);
