import type { IncomingMessage } from 'node:http';
import { NO_SPAN, type Span } from '@landfall/tracing/span';

const SPAN = Symbol('span');

interface TracedRequest extends IncomingMessage {
  [SPAN]?: Span;
}

/** The span of a request. Without tracing, one that does nothing. */
export const spanOf = ({ [SPAN]: span }: TracedRequest): Span => span ?? NO_SPAN;

export function setSpan(request: TracedRequest, span: Span): void {
  request[SPAN] = span;
}
