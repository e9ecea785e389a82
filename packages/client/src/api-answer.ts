import type { Client } from 'openapi-fetch';
import type { paths } from './api-schema.ts';
import { retryAfterMs } from './backoff.ts';
import { LandfallError, unexpectedAnswer } from './landfall-error.ts';

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

/** Bytes of an error that are read. Problems of Landfall have a few hundred. */
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * The rows or changes of an answer, and its generation.
 *
 * @throws LandfallError when the answer is an error; `unexpected_answer` when it is no list of a generation
 */
export async function readAnswer<Data>(
  request: Promise<Answer<Data>>,
): Promise<{ data: Data; generation: number; response: Response }> {
  const { data, error, response } = await request.catch((error: unknown) => {
    // openapi-fetch parses bodies of successful answers only.
    if (error instanceof SyntaxError) throw unexpectedAnswer(200, `${NOT_LANDFALL}: its body is not JSON.`);
    throw error;
  });
  if (!response.ok) throw new LandfallError(response.status, error, retryAfterMs(response));
  if (!Array.isArray(data)) {
    throw unexpectedAnswer(response.status, `${NOT_LANDFALL}: its body is not a list.`);
  }
  return { data, generation: generationOf(response), response };
}

const NOT_LANDFALL = 'The answer is not one of Landfall';

/** The generation of an answer. Without it, 0 would be taken for the next `since`. */
function generationOf({ headers, status }: Response): number {
  const value = headers.get('landfall-generation') ?? '';
  const generation = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(generation)) return generation;
  throw unexpectedAnswer(
    status,
    `${NOT_LANDFALL}: it has no header Landfall-Generation, or one that is no number. A proxy may have removed it.`,
  );
}

/** The error of an answer whose body has not been read. */
export async function errorOf(response: Response): Promise<LandfallError> {
  const text = await readStart(response, MAX_ERROR_BYTES);
  const asked = retryAfterMs(response);
  try {
    return new LandfallError(response.status, JSON.parse(text), asked);
  } catch {
    return new LandfallError(response.status, text, asked);
  }
}

/** The first bytes of a body, as text. The rest is not read. @param maxBytes that are decoded */
async function readStart({ body }: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let left = maxBytes;
  const reader = body?.getReader();
  while (reader && left > 0) {
    const { value, done } = await reader.read();
    if (done) return text;
    text += decoder.decode(value.subarray(0, left), { stream: true });
    left -= value.length;
  }
  await reader?.cancel();
  return text;
}
