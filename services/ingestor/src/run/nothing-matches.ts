import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Catalog } from '../catalog/catalog.ts';
import type { RunContext } from './run-context.ts';
import type { RunScope } from './run-spec.ts';

/** What a run saw of the source bucket. */
export interface SeenObjects {
  scope: RunScope;
  /** The key of an object; undefined when the run saw none, passed-over ones not counted. */
  example: string | undefined;
  /** Whether files that may still be written were left to a later run. */
  hasUnsettled: boolean;
}

/**
 * Sets the condition `nothing_matches` when there is no row although the bucket has objects: the patterns of the definition may be
 * wrong, or its fields. Clears it when there are rows, or when a listing finds no object.
 */
export async function checkForRows(
  { catalog, conditions }: Pick<RunContext, 'catalog' | 'conditions'>,
  { scope, example, hasUnsettled }: SeenObjects,
): Promise<void> {
  if (catalog.rowCount() > 0 || (scope.kind === 'full' && example === undefined)) {
    conditions.clear('nothing_matches');
  } else if (example !== undefined && !hasUnsettled) {
    const why = (await describeRejects(catalog)) ?? `none is a record, for example ${example}`;
    conditions.set(
      'nothing_matches',
      `no object of the source bucket makes a row of ${catalog.definition.name} (${patternsOf(catalog.definition)}): ${why}`,
    );
  }
}

const patternsOf = ({ records, companions }: Definition): string =>
  [`records: ${records}`, ...companions.map(({ name, files }) => `${name}: ${files}`)].join(', ');

/** @returns undefined when no object is rejected */
async function describeRejects(catalog: Catalog): Promise<string | undefined> {
  const count = catalog.rejectCount();
  for await (const [first] of catalog.rejects()) {
    if (!first) break;
    const { key, reason, detail } = first;
    return `${count} ${count === 1 ? 'is' : 'are'} rejected, for example ${key}: ${reason}, ${detail}`;
  }
  return undefined;
}
