import { type TSchema, Type } from 'typebox';
import { type Definition, keyColumn } from './definition.ts';
import { rejectReasons } from './reject.ts';

/** JSON Schema of one reject, for the API's description. */
export function rejectSchema(definition: Definition) {
  const properties: Record<string, TSchema> = {
    key: Type.String({ description: 'the object in the source bucket' }),
    [keyColumn(definition)]: Type.String(),
    reason: Type.Enum(rejectReasons(definition)),
    detail: Type.String({
      description: 'what is wrong and, where that is known, where: `line 2, column 3: …`',
    }),
    since: Type.String({ format: 'date-time', description: 'when it was first seen (UTC)' }),
    kept_previous: Type.Boolean({
      description: `whether the last good version of the ${definition.one} is served`,
    }),
  };
  return Type.Object(properties, { additionalProperties: false, title: 'Reject' });
}
