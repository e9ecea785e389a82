import type { Definition } from '@landfall/contracts/dataset/definition';
import { type TSchema, Type } from 'typebox';

const count = (description: string) => Type.Integer({ minimum: 0, description });
const orNull = (schema: TSchema, description: string) =>
  Type.Union([schema, Type.Null()], { description: `${description}; null when nothing matches` });

/** Schema of the body of `GET /stats`. The body's members come in its order. */
export function statsSchema(definition: Definition) {
  const { name: rows, companions, derived, statistics } = definition;
  const value = derived.find(({ name }) => statistics.includes(name))?.name;
  const withFiles = Object.fromEntries(
    companions.map(({ name }) => [`with_${name}`, count(`matching ${rows} with the file \`${name}\``)]),
  );
  const matching = count(`matching ${rows}`);
  if (value === undefined) return Type.Object({ count: matching, ...withFiles }, { title: 'Stats' });

  const Entry = Type.Object({ [value]: Type.Integer(), count: count(`matching ${rows}`), ...withFiles });
  return Type.Object(
    {
      [`average_${value}`]: orNull(Type.Number(), `mean of ${value} in whole years, not rounded`),
      count: matching,
      [`min_${value}`]: orNull(Type.Integer(), `lowest ${value}`),
      [`max_${value}`]: orNull(Type.Integer(), `highest ${value}`),
      [`median_${value}`]: orNull(
        Type.Number(),
        `median of ${value}; for an even count the mean of the two middle values`,
      ),
      ...withFiles,
      histogram: Type.Optional(
        Type.Array(Entry, {
          description: `with \`histogram=true\`: ${rows} by ${value}, ascending, without empty entries`,
        }),
      ),
    },
    { title: 'Stats' },
  );
}
