import type { TokenScope } from '../../access/scopes.ts';
import { SIGN_IN_PATHS, SIGN_OUT_PATH } from './sign-in-paths.ts';

/** Probes. Without `read`, `/readyz` answers with its status code only. */
const PROBES = ['/healthz', '/readyz'];
const OPEN_PATHS: ReadonlySet<string> = new Set([...PROBES, ...SIGN_IN_PATHS]);
const READING_METHODS: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The scope that a request needs: `read`, and `run` for every method that changes something. A new route therefore needs a token
 * without further code. `force` is checked where the parameter is read.
 *
 * @param path normalized; without the query string
 * @returns undefined when the path is always open
 */
export function neededScope(method: string | undefined, path: string): TokenScope | undefined {
  if (OPEN_PATHS.has(path)) return undefined;
  return READING_METHODS.has(method) || path === SIGN_OUT_PATH ? 'read' : 'run';
}
