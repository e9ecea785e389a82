/** The methods of the routes, by path pattern: `/data/:user_id`, `/docs/*`. */
export type RouteTable = Map<string, Set<string>>;

export function addRoute(routes: RouteTable, pattern: string, methods: string | readonly string[]): void {
  const known = routes.get(pattern) ?? new Set();
  for (const method of [methods].flat()) known.add(method);
  routes.set(pattern, known);
}

/**
 * The methods of a path, for the header `Allow`; `OPTIONS` is always among them.
 *
 * @returns undefined when there is no route with this path
 */
export function methodsOf(routes: RouteTable, path: string): string[] | undefined {
  const methods = new Set<string>();
  for (const [pattern, of] of routes)
    if (matches(pattern, path)) for (const method of of) methods.add(method);
  return methods.size === 0 ? undefined : [...methods.add('OPTIONS')].sort();
}

/** All methods that any route has. */
export const allMethods = (routes: RouteTable): string[] =>
  [...new Set([...routes.values()].flatMap((methods) => [...methods, 'OPTIONS']))].sort();

function matches(pattern: string, path: string): boolean {
  if (pattern === path) return true;
  const [expected, actual] = [pattern.split('/'), path.split('/')];
  const rest = expected.at(-1) === '*' ? expected.length - 1 : undefined;
  if (rest === undefined ? expected.length !== actual.length : actual.length < expected.length) return false;
  return expected
    .slice(0, rest)
    .every((segment, i) => (segment.startsWith(':') ? actual[i] !== '' : segment === actual[i]));
}
