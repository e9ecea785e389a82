/** What a token allows, from least to most. Each scope includes those before it. */
export const SCOPES = ['read', 'run', 'force'] as const;

/** `read`: all answers. `run`: request runs. `force`: confirm a mass removal. */
export type TokenScope = (typeof SCOPES)[number];

export const isScope = (text: string): text is TokenScope => SCOPES.some((scope) => scope === text);

/** Whether a scope includes another one. */
export const includesScope = (granted: TokenScope, needed: TokenScope): boolean =>
  SCOPES.indexOf(granted) >= SCOPES.indexOf(needed);
