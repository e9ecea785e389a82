import { definitionHash } from '../definition/definition-hash.ts';
import type { Definition } from './definition.ts';
import type { RowOf } from './row.ts';

/** The data set that is shipped: people with a name, a birth and perhaps a picture. */
export const USERS = {
  name: 'users',
  one: 'user',
  records: '**/{user_id}.csv',
  fields: [
    { name: 'first_name', type: 'string' },
    { name: 'last_name', type: 'string' },
    {
      name: 'birthts',
      type: 'timestamp',
      unit: 'ms',
      past: true,
      asked_as: 'born',
      description: 'birth, in milliseconds since 1970-01-01 UTC; negative before 1970',
    },
  ],
  companions: [
    {
      name: 'image',
      files: '**/{user_id}.{png,jpg,jpeg,webp,gif}',
      column: 'img_path',
      description: '`<bucket>/<key>` of the image, null when there is none',
    },
  ],
  derived: [{ name: 'age', years_since: 'birthts', maximum: 150 }],
  statistics: ['age'],
} as const satisfies Definition;

/** A row of the data set that is shipped. */
export type User = RowOf<typeof USERS>;

/**
 * Whether a definition is that of the shipped data set, whose API is older than the general one. Another data set may have its name;
 * texts for people and statistics may differ.
 */
export const isUsers = (definition: Definition): boolean =>
  definition.name === USERS.name && definitionHash(definition) === definitionHash(USERS);
