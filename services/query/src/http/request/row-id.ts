import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import { Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import { rowProblemCode } from '../../errors/row-problem-code.ts';
import { truncate } from '../../errors/truncate.ts';

/** Characters of an id that an error shows. */
const MAX_SHOWN_ID = 100;

/** The path of a row, as a route pattern: `/data/:user_id`. */
export const rowPath = (definition: Definition): string => `/data/:${keyColumn(definition)}`;

/** Schema of the path parameters of a row. */
export const rowParams = (definition: Definition) => Type.Object({ [keyColumn(definition)]: Type.String() });

/** The id in the path of a row, in NFC, as ids are stored. */
export const readRowId = (definition: Definition, params: Readonly<Record<string, string>>): string =>
  (params[keyColumn(definition)] ?? '').normalize('NFC');

/** The error for an id that the data set does not have. */
export const rowNotFoundError = (definition: Definition, id: string): ApiError =>
  new ApiError(
    rowProblemCode(definition, 'row_not_found'),
    `There is no ${definition.one} ${truncate(JSON.stringify(id), MAX_SHOWN_ID)}.`,
  );
