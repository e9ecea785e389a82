import type { Manifest } from '@landfall/contracts/manifest';
import { type TSchema, Type } from 'typebox';
import { type Asked, etagOf } from '../etag.ts';
import { Problem } from '../problems.ts';

/** Names the generation an answer comes from. */
export const GENERATION_HEADER = 'landfall-generation';

/** Says of an answer which generation it comes from, and which answer it is. */
export function stamp(
  reply: { header: (name: string, value: string | number) => unknown },
  manifest: Manifest,
  asked: Asked,
): void {
  reply.header(GENERATION_HEADER, manifest.generation);
  reply.header('etag', etagOf(manifest, asked));
}

/** A route's possible errors, for the API's description. */
export function problems(...statuses: number[]) {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: DESCRIPTIONS[status] ?? 'An error',
        content: { 'application/problem+json': { schema: Problem } },
      },
    ]),
  );
}

/** An answer that is sent as bytes: described, but not made by its schema. */
export function streamed(description: string, contentType: string, schema: TSchema): object {
  return { description, content: { [contentType]: { schema } } };
}

const DESCRIPTIONS: Record<number, string> = {
  400: 'A parameter is unknown or not valid',
  404: 'Not found',
  502: 'The run failed; its report is in `run`',
  503: 'Not now: no data set yet, or a service that is needed is away',
};

/** The path parameter of a user. */
export const UserParams = Type.Object({ user_id: Type.String() });
