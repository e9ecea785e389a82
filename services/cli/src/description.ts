import type { Companion, Field } from '@landfall/contracts/dataset/definition';

/** A first definition, as a definition file. */
export interface Description {
  $schema: string;
  name: string;
  one: string;
  records: string;
  max_bytes?: number;
  fields: readonly Field[];
  companions: readonly Pick<Companion, 'name' | 'files'>[];
  statistics: readonly string[];
}
