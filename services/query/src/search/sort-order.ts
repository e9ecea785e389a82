import { columnNames } from '@landfall/contracts/dataset/definition';
import { USERS } from '@landfall/contracts/dataset/users';

/** Users are ordered by a column, text by its UTF-8 bytes; ties by ascending user_id. */
export interface SortOrder {
  column: string;
  descending: boolean;
}

const ORDERS = new Map<string, SortOrder>(
  columnNames(USERS).flatMap((column): [string, SortOrder][] => [
    [column, { column, descending: false }],
    [`-${column}`, { column, descending: true }],
  ]),
);

/** The names of all orders: a column's, and with `-` before it, descending. */
export const SORT_ORDERS = [...ORDERS.keys()];

export const BY_USER_ID: SortOrder = { column: 'user_id', descending: false };

export const isByUserId = ({ column, descending }: SortOrder): boolean => column === 'user_id' && !descending;

export const readSortOrder = (text: string | undefined): SortOrder => ORDERS.get(text ?? '') ?? BY_USER_ID;
