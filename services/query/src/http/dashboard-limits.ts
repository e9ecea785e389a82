import { MAX_ROWS } from './limits/limits.ts';

// The dashboard imports this module. In the browser, the import map leads to `/assets/limits.js`, which is generated from it.

export { MAX_ROWS };
