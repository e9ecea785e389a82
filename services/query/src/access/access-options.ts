import { SettingsError } from '@landfall/process/settings';

/** Where the token list comes from. `name` is the setting. */
export type TokenSource =
  | { kind: 'file'; name: string; file: string }
  /** Lines are separated by newlines or `;`. */
  | { kind: 'text'; name: string; text: string };

/** Who may use the API. */
export interface AccessOptions {
  source: TokenSource;
  /** Whether reading needs no token. */
  isReadPublic: boolean;
}

interface Settings {
  API_TOKENS_FILE?: string;
  API_TOKENS?: string;
  PUBLIC_READ: boolean;
}

/**
 * Reads the settings of access control.
 *
 * @returns undefined when there are no tokens: the API is open
 * @throws SettingsError when the settings contradict each other
 */
export function accessOptions(settings: Settings): AccessOptions | undefined {
  const { API_TOKENS_FILE: file, API_TOKENS: text, PUBLIC_READ: isReadPublic } = settings;
  if (file !== undefined && text !== undefined) {
    throw new SettingsError(['API_TOKENS_FILE and API_TOKENS are both set: use one of them']);
  }
  if (file !== undefined) return { source: { kind: 'file', name: 'API_TOKENS_FILE', file }, isReadPublic };
  if (text !== undefined) return { source: { kind: 'text', name: 'API_TOKENS', text }, isReadPublic };
  if (isReadPublic) {
    throw new SettingsError([
      'PUBLIC_READ needs API_TOKENS_FILE or API_TOKENS: without tokens, everything is open',
    ]);
  }
  return undefined;
}
