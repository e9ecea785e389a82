import type { RequestListener } from 'node:http';
import { writeProblem } from './write-problem.ts';

/** A health check is answered however busy the service is, so that it is not restarted for being busy. */
const ALWAYS_ANSWERED = '/healthz';

/** Limits how many requests are answered at the same time: further ones get 503. */
export function limitLoad(max: number, handler: RequestListener): RequestListener {
  let concurrentRequests = 0;
  const onClose = () => {
    concurrentRequests--;
  };
  return (request, response) => {
    if (concurrentRequests >= max && request.url !== ALWAYS_ANSWERED)
      return writeProblem(response, 'too_busy');
    concurrentRequests++;
    response.on('close', onClose);
    handler(request, response);
  };
}
