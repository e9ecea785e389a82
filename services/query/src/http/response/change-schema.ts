import { rowSchema } from '@landfall/contracts/dataset/row-schema';
import { USERS, type User } from '@landfall/contracts/dataset/users';
import { type Static, Type } from 'typebox';

export const ChangeSchema = Type.Object(
  {
    change: Type.Enum(['added', 'updated', 'removed']),
    generation: Type.Integer({ minimum: 1, description: 'in which it last changed' }),
    user_id: Type.String(),
    user: Type.Union([rowSchema(USERS), Type.Null()], {
      description: 'as it is now; null when it was removed',
    }),
  },
  { title: 'Change' },
);
export type Change = Omit<Static<typeof ChangeSchema>, 'user'> & { user: User | null };
