import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { ApiError } from './api-error.ts';

/** The error for a generation that is not kept any more. @param newest the generation that is served, if any */
export function generationGoneError(generation: number, newest: Manifest | undefined): ApiError {
  const detail = `Generation ${generation} is not kept any more. Start again with the newest one.`;
  return new ApiError('generation_gone', detail, newest ? { newest: newest.generation } : {});
}
