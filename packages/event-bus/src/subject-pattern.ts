/** Compiles a subject pattern, in which `*` matches one token. */
export function subjectPattern(pattern: string): RegExp {
  const tokens = pattern.split('.').map((token) => (token === '*' ? '[^.]+' : RegExp.escape(token)));
  return new RegExp(`^${tokens.join('\\.')}$`);
}
