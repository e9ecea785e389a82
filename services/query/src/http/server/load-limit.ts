import type { RequestListener } from 'node:http';
import { writeProblem } from './write-problem.ts';

/** The health check passes the limit: a busy service must not be restarted. */
const UNLIMITED_PATH = '/healthz';

/** Limits the requests that are handled at the same time. Further ones get 503. */
export function limitLoad(max: number, handler: RequestListener): RequestListener {
  let concurrentRequests = 0;
  const onClose = () => {
    concurrentRequests--;
  };
  return (request, response) => {
    if (concurrentRequests >= max && request.url !== UNLIMITED_PATH)
      return writeProblem(response, 'too_busy');
    concurrentRequests++;
    response.on('close', onClose);
    handler(request, response);
  };
}
