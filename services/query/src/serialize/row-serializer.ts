import { columnNames } from '@landfall/contracts/dataset/definition';
import { USERS } from '@landfall/contracts/dataset/users';
import { QUOTED_CSV } from '../database/identifiers.ts';

/** How a user is written in an answer. */
export type Writing = 'json' | 'csv';

/**
 * A user as they are written: SQL over the columns of `users`. SQLite then hands out the text of a whole page as one
 * value, which takes half as long as handing out its rows. Its JSON is JSON.stringify's, byte by byte; a property
 * test holds that, and that the line of CSV is `outputLine`'s.
 */
export const WRITTEN: Readonly<Record<Writing, string>> = {
  json: `json_object('user_id', user_id, 'first_name', first_name, 'last_name', last_name, 'birthts', birthts,
    'img_path', nullif(img_path, ''))`,
  csv: `coalesce(${QUOTED_CSV}, concat_ws(',', ${columnNames(USERS).join()}))`,
};
