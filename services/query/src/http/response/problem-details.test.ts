import { BusError } from '@landfall/event-bus/event-bus';
import { StoreError } from '@landfall/object-store/object-store';
import t from 'tap';
import { ApiError } from '../../errors/api-error.ts';
import { problemDetails, toApiError } from './problem-details.ts';

t.test('every error has a code', async (t) => {
  const cases: [string, unknown, string, number][] = [
    ['one of ours', new ApiError('user_not_found', 'no 7'), 'user_not_found', 404],
    ['of the store', new StoreError('access_denied', 'secret host'), 'store_unavailable', 503],
    ['of the bus', new BusError('timeout', 'secret host'), 'ingestor_unavailable', 503],
    [
      'of Fastify, the client’s fault',
      Object.assign(new Error('bad URL'), { statusCode: 400 }),
      'bad_request',
      400,
    ],
    [
      'of Fastify, not the client’s fault',
      Object.assign(new Error('secret'), { statusCode: 500 }),
      'internal',
      500,
    ],
    ['any other', new TypeError('secret'), 'internal', 500],
    ['no error at all', 'secret', 'internal', 500],
  ];
  for (const [name, error, code, status] of cases) {
    const problem = problemDetails(toApiError(error));
    t.match(problem, { status, body: { type: 'about:blank', status, code, title: /./, detail: /./ } }, name);
    t.notMatch(JSON.stringify(problem), /secret/, `${name}: what is inside stays there`);
  }
});
