import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import { rowSchema } from '@landfall/contracts/dataset/row-schema';
import { Type } from 'typebox';

/** Schema of one change in the body of `GET /changes`. */
export const changeSchema = (definition: Definition) =>
  Type.Object(
    {
      change: Type.Enum(['added', 'updated', 'removed']),
      generation: Type.Integer({ minimum: 1, description: 'the generation of the last change' }),
      [keyColumn(definition)]: Type.String(),
      [definition.one]: Type.Union([rowSchema(definition), Type.Null()], {
        description: 'the current values; null after a removal',
      }),
    },
    { title: 'Change' },
  );
