import type { Definition } from '@landfall/contracts/dataset/definition';
import { type TSchema, Type } from 'typebox';
import { type HistogramSubject, histogramSubjects } from '../../statistics/histogram-subject.ts';
import { type Measure, measuresOf } from '../../statistics/measure.ts';

const count = (description: string) => Type.Integer({ minimum: 0, description });
const orNull = (schema: TSchema, description: string) =>
  Type.Union([schema, Type.Null()], { description: `${description}; null when nothing matches` });

/** Schema of the body of `GET /stats`. The body's members come in its order. */
export function statsSchema(definition: Definition) {
  const { name: rows } = definition;
  const measures = measuresOf(definition);
  const [first, ...others] = measures.map(measureMembers);
  const withFiles = companionMembers(definition);
  const withValues = measures
    .filter(({ field }) => field.optional)
    .map(({ name }) => [`with_${name}`, count(`matching ${rows} with a \`${name}\``)] as const);
  const histogram = histogramSchema(definition, withFiles);
  return Type.Object(
    {
      ...first?.average,
      count: count(`matching ${rows}`),
      ...first?.others,
      ...Object.assign({}, ...others.map(({ average, others }) => ({ ...average, ...others }))),
      ...withFiles,
      ...Object.fromEntries(withValues),
      ...(histogram ? { histogram: Type.Optional(histogram) } : {}),
    },
    { title: 'Stats' },
  );
}

const companionMembers = ({ name: rows, companions }: Definition) =>
  Object.fromEntries(
    companions.map(({ name }) => [`with_${name}`, count(`matching ${rows} with the file \`${name}\``)]),
  );

function measureMembers({ kind, name, scale }: Measure) {
  const number = () => (scale === 0 ? Type.Integer() : Type.Number());
  const mean = kind === 'years' ? `mean of ${name} in whole years, not rounded` : `mean of ${name}`;
  const sum = `sum of ${name}, with all digits; 0 when nothing matches`;
  const median = `median of ${name}; for an even count the mean of the two middle values`;
  return {
    average: { [`average_${name}`]: orNull(Type.Number(), mean) },
    others: {
      [`min_${name}`]: orNull(number(), `lowest ${name}`),
      [`max_${name}`]: orNull(number(), `highest ${name}`),
      [`median_${name}`]: orNull(Type.Number(), median),
      ...(kind === 'number' ? { [`sum_${name}`]: Type.Number({ description: sum }) } : {}),
    },
  };
}

/** Schema of the member `histogram`; undefined when nothing can be counted by. */
function histogramSchema(definition: Definition, withFiles: Record<string, TSchema>): TSchema | undefined {
  const { name: rows } = definition;
  const subjects = histogramSubjects(definition);
  const [first] = subjects.values();
  if (!first) return undefined;
  const counts = { count: count(`matching ${rows}`), ...withFiles };
  if (subjects.size === 1 && subjects.has('true')) {
    const description = `with \`histogram=true\`: ${rows} by ${first.name}, ascending, without empty entries`;
    return Type.Array(Type.Object({ [first.name]: Type.Integer(), ...counts }), { description });
  }
  const entries = [...new Set(subjects.values())].flatMap((subject) =>
    entrySchemas(definition, subject, counts),
  );
  return Type.Array(Type.Union(entries), {
    description:
      `with \`histogram\`: ${rows} by value, without empty entries: numbers ascending, other values in the order of the ` +
      'definition, a missing one (null) last. A number with more than 200 distinct values is counted in 200 equal bins; each ' +
      'includes `from` and excludes `to`, but the last one includes both.',
  });
}

function entrySchemas(
  { fields }: Definition,
  subject: HistogramSubject,
  counts: Record<string, TSchema>,
): TSchema[] {
  const { name } = subject;
  if (subject.kind === 'column') {
    const value = fields.some((field) => field.name === name && field.type === 'boolean')
      ? Type.Boolean()
      : Type.Enum(subject.values.filter((each) => each !== null));
    const isOptional = subject.values.includes(null);
    return [Type.Object({ [name]: isOptional ? Type.Union([value, Type.Null()]) : value, ...counts })];
  }
  const { kind, scale } = subject.measure;
  const byValue = Type.Object({ [name]: scale === 0 ? Type.Integer() : Type.Number(), ...counts });
  if (kind === 'years') return [byValue];
  return [byValue, Type.Object({ from: Type.Number(), to: Type.Number(), ...counts })];
}
