import { Type } from 'typebox';

const count = (description: string) => Type.Integer({ minimum: 0, description });
const ageOrNull = <Schema extends ReturnType<typeof Type.Integer> | ReturnType<typeof Type.Number>>(
  schema: Schema,
  description: string,
) => Type.Union([schema, Type.Null()], { description: `${description}; null when no one matches` });

const AgeCountSchema = Type.Object({
  age: Type.Integer(),
  count: count('users of this age'),
  with_image: count('of those of this age'),
});

/** The answer of `GET /stats`. */
export const StatsSchema = Type.Object(
  {
    average_age: ageOrNull(Type.Number(), 'mean of the ages in whole years, not rounded'),
    count: count('users that match'),
    min_age: ageOrNull(Type.Integer(), 'the youngest'),
    max_age: ageOrNull(Type.Integer(), 'the oldest'),
    median_age: ageOrNull(Type.Number(), 'the age in the middle; of an even count the mean of the two there'),
    with_image: count('of those that match'),
    histogram: Type.Optional(
      Type.Array(AgeCountSchema, {
        description: 'on `histogram=true`: users by age, ascending; ages that nobody has are left out',
      }),
    ),
  },
  { title: 'Stats' },
);
