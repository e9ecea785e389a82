import { OUTPUT_COLUMNS } from '@landfall/contracts/data-set-csv';
import { Type } from 'typebox';

/** Users are ordered by a column, text by its UTF-8 bytes; ties by ascending user_id. */
export interface SortOrder {
  column: (typeof OUTPUT_COLUMNS)[number];
  descending: boolean;
}

const ORDERS = new Map<string, SortOrder>(
  OUTPUT_COLUMNS.flatMap((column): [string, SortOrder][] => [
    [column, { column, descending: false }],
    [`-${column}`, { column, descending: true }],
  ]),
);

export const sortParameter = Type.Optional(
  Type.Enum([...ORDERS.keys()], {
    description: 'by which field, descending with `-` before it (default: user_id); ties by user_id',
  }),
);

export const BY_USER_ID: SortOrder = { column: 'user_id', descending: false };

export const isByUserId = ({ column, descending }: SortOrder): boolean => column === 'user_id' && !descending;

export const readSortOrder = (text: string | undefined): SortOrder => ORDERS.get(text ?? '') ?? BY_USER_ID;
