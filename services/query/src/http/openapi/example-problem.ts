import type { Definition } from '@landfall/contracts/dataset/definition';
import { PROBLEMS, type ProblemCode } from '../../errors/api-error.ts';
import { rowProblemCode } from '../../errors/row-problem-code.ts';
import { describedStatus } from '../response/openapi.ts';

/** The code that a status has most often. */
const USUAL_CODES: Readonly<Partial<Record<number, ProblemCode>>> = {
  400: 'bad_parameter',
  401: 'unauthorized',
  403: 'cross_site',
  404: 'generation_not_found',
  406: 'not_acceptable',
  410: 'generation_gone',
  414: 'uri_too_long',
  416: 'range_not_satisfiable',
  421: 'misdirected',
  429: 'too_many_requests',
  431: 'headers_too_large',
  502: 'run_failed',
  503: 'no_data_set',
  504: 'store_timeout',
};

/** An error with this status, as its body is; undefined when the status is no error. */
export function exampleProblem(
  definition: Definition,
  operationId: string,
  status: number,
): object | undefined {
  const code = status === 404 ? notFoundCode(definition, operationId) : USUAL_CODES[status];
  if (!code) return undefined;
  const { title } = PROBLEMS[code];
  return { type: 'about:blank', title, status, detail: `${describedStatus(status)}.`, code };
}

function notFoundCode(definition: Definition, operationId: string): ProblemCode {
  if (operationId === 'getRow') return rowProblemCode(definition, 'row_not_found');
  if (operationId === 'getRun') return 'run_not_found';
  const isFile = operationId.startsWith('getFile_');
  return isFile ? rowProblemCode(definition, 'companion_not_found') : 'generation_not_found';
}
