import type { Definition } from '@landfall/contracts/dataset/definition';
import type { TSchema } from 'typebox';
import { problemSchema } from './problem-details.ts';

/**
 * The error responses of a route, for the OpenAPI document. Five are always among them: any address may be too long, the host
 * name may be unknown, a client may reach a limit of its own, and every route may be too busy, or stopping.
 */
export function problemResponses(definition: Definition, ...statuses: number[]) {
  const schema = problemSchema(definition);
  return Object.fromEntries(
    [...new Set([...statuses, 414, 421, 429, 431, 503])]
      .sort((a, b) => a - b)
      .map((status) => [
        status,
        {
          description: describedStatus(status),
          content: { 'application/problem+json': { schema } },
        },
      ]),
  );
}

/** What an error status means. */
export const describedStatus = (status: number): string => DESCRIPTIONS[status] ?? 'An error';

const DESCRIPTIONS: Record<number, string> = {
  400: 'A parameter is unknown or invalid',
  401: 'The token is missing, unknown or removed',
  403: 'A page of another origin sent the request',
  404: 'Not found',
  406: 'The header `Accept` allows none of the formats',
  410: 'The generation is not kept any more; start again with the newest one',
  414: 'The address, or an id in its path, is too long',
  416: 'The range is outside of the file; `Content-Range` has its size',
  421: 'The service does not have this host name',
  429: 'This client has reached a limit; `Retry-After` says when to try again',
  431: 'The address and the headers are too long',
  502: 'The run failed; `run` is its report',
  503: 'Temporarily unavailable: no data set yet, too many requests, or a required service does not respond',
  504: 'The object store did not respond in time',
};

/**
 * A response whose body the route sends as bytes: the schemas document it and do not serialize it.
 *
 * @param schemas by media type
 */
export function streamedResponse(description: string, schemas: Record<string, TSchema>): object {
  const content = Object.entries(schemas).map(([type, schema]) => [type, { schema }]);
  return { description, content: Object.fromEntries(content) };
}

/** The response to a request whose `If-None-Match` has the current ETag. */
export const notModifiedResponse = {
  304: { type: 'null', description: 'Not modified since the ETag in `If-None-Match`' },
};
