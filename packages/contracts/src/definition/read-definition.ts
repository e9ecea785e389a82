import fs from 'node:fs';
import type { Definition } from '../dataset/definition.ts';
import { USERS } from '../dataset/users.ts';
import { DefinitionError } from './definition-error.ts';
import { parseDefinition } from './parse-definition.ts';

/**
 * Reads the definition of a data set.
 *
 * @param file undefined for the shipped data set, `users`
 * @throws DefinitionError with all faults
 */
export function readDefinition(file: string | undefined): Definition {
  if (file === undefined) return USERS;
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new DefinitionError(file, [{ pointer: '', message: `the file cannot be read: ${why}` }]);
  }
  return parseDefinition(text, file);
}
