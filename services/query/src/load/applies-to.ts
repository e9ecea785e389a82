import type { Delta } from '@landfall/contracts/dataset/manifest';

/** Whether a delta can be applied to this data set. */
export const appliesTo = (
  { base }: Delta,
  loaded: { generation: number; version: string } | undefined,
): boolean => base.generation === loaded?.generation && base.version === loaded.version;
