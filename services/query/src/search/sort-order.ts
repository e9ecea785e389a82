import { columnNames, type Definition, keyColumn } from '@landfall/contracts/dataset/definition';

/** Rows are ordered by a column (text by its UTF-8 bytes), rows with the same value by ascending key. */
export interface SortOrder {
  column: string;
  descending: boolean;
}

/** The values of the parameter `sort`: each column's name, and for descending order `-` and its name. */
export const sortOrderNames = (definition: Definition): string[] =>
  columnNames(definition).flatMap((column) => [column, `-${column}`]);

export const keyOrder = (definition: Definition): SortOrder => ({
  column: keyColumn(definition),
  descending: false,
});

export const isKeyOrder = (definition: Definition, { column, descending }: SortOrder): boolean =>
  !descending && column === keyColumn(definition);

/** @param name one of `sortOrderNames`; undefined for the order by key */
export function parseSortOrder(definition: Definition, name: string | undefined): SortOrder {
  if (name === undefined) return keyOrder(definition);
  const descending = name.startsWith('-');
  return { column: descending ? name.slice(1) : name, descending };
}
