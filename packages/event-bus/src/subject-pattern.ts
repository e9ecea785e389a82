/** Matches the subjects of a pattern, in which `*` stands for one token. */
export function subjectPattern(pattern: string): RegExp {
  const tokens = pattern.split('.').map((token) => (token === '*' ? '[^.]+' : RegExp.escape(token)));
  return new RegExp(`^${tokens.join('\\.')}$`);
}
