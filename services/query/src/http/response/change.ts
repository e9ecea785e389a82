import { User } from '@landfall/contracts/dataset/user';
import { type Static, Type } from 'typebox';

export const Change = Type.Object(
  {
    change: Type.Enum(['added', 'updated', 'removed']),
    generation: Type.Integer({ minimum: 1, description: 'in which it last changed' }),
    user_id: Type.String(),
    user: Type.Union([User, Type.Null()], { description: 'as it is now; null when it was removed' }),
  },
  { title: 'Change' },
);
export type Change = Static<typeof Change>;
