import { MS_PER_DAY } from '@landfall/contracts/dataset/age';
import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import { type Static, Type } from 'typebox';
import type { RowQuery } from '../../search/rows.ts';
import { parseSortOrder, sortOrderNames } from '../../search/sort-order.ts';
import type { Request } from '../fastify-scope.ts';
import { MAX_ROWS } from '../limits/limits.ts';
import type { Cursor } from '../request/cursor.ts';
import { filterParameters } from '../request/filter-parameters.ts';
import { generationParameter, minGenerationParameter } from '../request/generation-parameters.ts';
import { canonicalQuery, readPageCursor } from '../request/pagination.ts';
import { readFilter } from '../request/read-filter.ts';
import { excelParameter, type Format, formatParameter, negotiateTable } from '../response/formats.ts';

export const DATA_FORMATS = ['json', 'ndjson', 'csv'] as const;

/** The query parameters of `GET /data` beside the filter and `sort`. */
const Options = Type.Object({
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_ROWS,
      description: 'rows per page (default: all rows, without pages)',
    }),
  ),
  cursor: Type.Optional(
    Type.String({ description: 'the next page, of the same generation; taken from the header `Link`' }),
  ),
  count: Type.Optional(
    Type.Boolean({ description: '`true`: the header `X-Total-Count` is the number of all rows that match' }),
  ),
  format: formatParameter(...DATA_FORMATS),
  excel: excelParameter,
  generation: generationParameter,
  min_generation: minGenerationParameter,
});

/** Schema of the query parameters of `GET /data`. */
export function dataQuerySchema(definition: Definition) {
  const key = keyColumn(definition);
  const sort = Type.Enum(sortOrderNames(definition), {
    description: `order by this column, descending with \`-\` before it (default: ${key}); equal values by ${key}`,
  });
  return Type.Object(
    { ...filterParameters(definition), sort: Type.Optional(sort), ...Options.properties },
    { additionalProperties: false },
  );
}

/** The parameters of a request to `GET /data`, parsed. */
export interface DataRequest {
  query: Static<typeof Options>;
  rowQuery: RowQuery;
  /** The filter and the order as text; see `canonicalQuery`. */
  canonicalQuery: string;
  format: Format;
  /** The clock at which ages are computed, ms since 1970 UTC: the request's, or on a later page the cursor's day. */
  now: number;
  cursor: Cursor | undefined;
}

/**
 * @param now the request's clock, ms since 1970 UTC
 * @throws ApiError bad_parameter, not_acceptable
 */
export function parseDataRequest(
  definition: Definition,
  request: Request,
  query: Static<typeof Options> & { sort?: string },
  now: number,
): DataRequest {
  const format = negotiateTable(request, query, DATA_FORMATS);
  const canonical = canonicalQuery(query);
  const cursor = readPageCursor(query, canonical);
  const clock = cursor ? cursor.day * MS_PER_DAY : now;
  const rowQuery = {
    filter: readFilter(definition, query, clock),
    order: parseSortOrder(definition, query.sort),
    from: cursor?.from,
  };
  return { query, rowQuery, canonicalQuery: canonical, format, now: clock, cursor };
}
