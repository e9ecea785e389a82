import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { ApiError } from './api-error.ts';

/** What is answered when a generation is not there any more. */
export function generationGoneError(generation: number, newest: Manifest | undefined): ApiError {
  const detail = `Generation ${generation} is not kept here. Start again with the newest.`;
  return new ApiError('generation_gone', detail, newest ? { newest: newest.generation } : {});
}
