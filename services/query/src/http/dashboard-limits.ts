import { USERS } from '@landfall/contracts/dataset/users';
import { MAX_ROWS } from './limits.ts';

// The dashboard imports this module. In the browser, the import map leads to `/assets/limits.js`, which is generated from it.

/** The highest age that `min_age` and `max_age` accept, years. */
const [{ maximum: MAX_AGE }] = USERS.derived;

export { MAX_AGE, MAX_ROWS };
