import type { Client } from 'openapi-fetch';
import type { paths } from './api-schema.ts';
import { LandfallError } from './landfall-error.ts';

/** Media types of bodies that the client parses. */
export type JsonType = 'application/json' | 'application/problem+json';

/** The typed operations of the API. */
export type Api<Paths extends object = paths> = Client<Paths, JsonType>;

/** An answer as openapi-fetch returns it. */
interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The body of an answer, and its generation. @throws LandfallError when the answer is an error */
export function readAnswer<Data>({ data, error, response }: Answer<Data>): {
  data: Data;
  generation: number;
} {
  if (!response.ok || data === undefined) throw new LandfallError(response.status, error);
  return { data, generation: Number(response.headers.get('landfall-generation')) };
}

/** The error of an answer whose body has not been read. */
export async function errorOf(response: Response): Promise<LandfallError> {
  const text = await response.text();
  try {
    return new LandfallError(response.status, JSON.parse(text));
  } catch {
    return new LandfallError(response.status, text);
  }
}
