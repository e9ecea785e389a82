import { type Static, Type } from 'typebox';

/** One user as the API shows it and as a row of output.csv holds it. */
export const User = Type.Object(
  {
    user_id: Type.String({ description: "the record object's name without its folder and extension" }),
    first_name: Type.String(),
    last_name: Type.String(),
    birthts: Type.Integer({
      description: 'birth, in milliseconds since 1970-01-01 UTC; negative before 1970',
    }),
    img_path: Type.Union([Type.String(), Type.Null()], {
      description: '`<bucket>/<key>` of the image, null when there is none',
    }),
  },
  { additionalProperties: false, title: 'User' },
);
export type User = Static<typeof User>;
