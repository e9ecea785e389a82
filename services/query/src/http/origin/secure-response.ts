import {
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import { corsHeaders } from './cors.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** Counted in place of the status of a response whose client has left before it. nginx made this number usual. */
export const CLIENT_CLOSED_REQUEST = 499;

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/** The headers that are added to a response, in both forms that Node takes. */
interface Added {
  named: Readonly<Record<string, string>>;
  /** Names and values alternately. */
  flat: readonly string[];
}

/**
 * The class of the server's responses. Node calls `writeHead` for each response, however it is sent: by Fastify, from the response
 * cache, as an event stream, or as an error outside of Fastify. So none is without the security headers, and those of CORS.
 *
 * @param corsOrigins origins whose pages may read answers
 * @param counts incremented for each response, at the index of its status
 */
export function secureResponse(corsOrigins: readonly string[], counts: number[]): typeof ServerResponse {
  const others = added(corsOrigins.length > 0 ? corsHeaders(undefined) : {});
  const byOrigin = new Map(corsOrigins.map((origin) => [origin, added(corsHeaders(origin))]));

  return class SecureResponse<Request extends IncomingMessage> extends ServerResponse<Request> {
    override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
      const counted = this.destroyed ? CLIENT_CLOSED_REQUEST : status;
      counts[counted] = (counts[counted] ?? 0) + 1;
      const own = typeof reason === 'string' ? headers : reason;
      const { origin } = this.req.headers;
      const { named, flat } = (origin !== undefined && byOrigin.get(origin)) || others;
      // Only the response cache passes an array, with headers of the API alone.
      const all = Array.isArray(own) ? own.concat(flat) : merge(this, own, named);
      return typeof reason === 'string' ? super.writeHead(status, reason, all) : super.writeHead(status, all);
    }
  };
}

function added(cors: Record<string, string>): Added {
  const named = { ...SECURITY_HEADERS, ...cors };
  return { named, flat: Object.entries(named).flat() };
}

/** Adds the headers that a response does not have. `Vary` is extended. */
function merge(
  response: ServerResponse,
  own: OutgoingHttpHeaders | undefined,
  named: Readonly<Record<string, string>>,
): OutgoingHttpHeaders {
  const all: OutgoingHttpHeaders = { ...own };
  for (const name in named) {
    const there = all[name] ?? response.getHeader(name);
    if (there === undefined) all[name] = named[name];
    else if (name === 'vary') all[name] = `${there}, ${named[name]}`;
  }
  return all;
}
