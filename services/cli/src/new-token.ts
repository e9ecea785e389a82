import { makeToken, tokenLine } from '@landfall/query/access/token';
import { parseTokenList, TokenListError } from '@landfall/query/access/token-list';
import { UsageError } from './usage-error.ts';

/**
 * Makes a token for the API.
 *
 * @param scopes separated by commas
 * @returns the text to print: the token, and its line for the token list
 * @throws UsageError when the name or a scope cannot be used
 */
export function newToken(name: string, scopes: string): string {
  const token = makeToken();
  const line = tokenLine(name, scopes, token);
  try {
    parseTokenList([line], 'The token');
  } catch (error) {
    if (error instanceof TokenListError) throw new UsageError(error.message.replace('line 1: ', ''));
    throw error;
  }
  // The list is lenient about blanks, but the printed line must be one line.
  if (/\s|\uFEFF/.test(name + scopes))
    throw new UsageError('The name and the scopes must not have blanks or line ends.');
  return [
    'The token. Give it to the client; it is not stored and cannot be shown again:',
    `  ${token}`,
    'Its line for the file of API_TOKENS_FILE:',
    `  ${line}`,
    '',
  ].join('\n');
}
