import type { Definition } from '../dataset/definition.ts';
import type { Manifest } from '../dataset/manifest.ts';
import { USERS } from '../dataset/users.ts';
import { definitionHash } from './definition-hash.ts';

/** What a manifest says of the definition of its data set. */
export const manifestDefinition = (
  definition: Definition,
): Required<Pick<Manifest, 'definition' | 'definition_hash'>> => ({
  definition: { ...definition },
  definition_hash: definitionHash(definition),
});

/** Whether a manifest is of a data set with this definition. A manifest without a definition is of `users`. */
export const isOfDefinition = ({ definition_hash }: Manifest, definition: Definition): boolean =>
  (definition_hash ?? definitionHash(USERS)) === definitionHash(definition);
