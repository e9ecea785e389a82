import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** The value of `Landfall-Data-Age` for an answer of a generation. */
    dataAgeOf: (generation: number) => string;
  }
}

/** Where routes are added: Fastify, with types out of the schemas. */
export type Scope = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** A request and its answer, of any route. */
export type Request = FastifyRequest;
export type Reply = FastifyReply;
