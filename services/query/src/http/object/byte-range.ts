/** A range as it is requested: from one byte to another or to the end (`Infinity`), or the last bytes. */
export type RequestedRange = { first: number; last: number } | { suffix: number };

/** The bytes of an object that a request gets. Offsets are included. */
export type SelectedBytes = 'all' | 'unsatisfiable' | { first: number; last: number };

/**
 * Parses the header `Range`.
 *
 * @returns undefined for several ranges, another unit, or a malformed header: the request is then one for all bytes
 * @see RFC 9110, 14.1.2 and 14.2
 */
export function parseRange(header: string | undefined): RequestedRange | undefined {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '') ?? [];
  if (first !== '') {
    const range = { first: Number(first), last: last === '' ? Number.POSITIVE_INFINITY : Number(last) };
    return range.first <= range.last ? range : undefined;
  }
  return last === '' ? undefined : { suffix: Number(last) };
}

/**
 * Applies a range to an object.
 *
 * @param size bytes
 * @see RFC 9110, 14.1.2
 */
export function selectBytes(range: RequestedRange, size: number): SelectedBytes {
  if (!('suffix' in range)) {
    return range.first < size
      ? { first: range.first, last: Math.min(range.last, size - 1) }
      : 'unsatisfiable';
  }
  if (range.suffix === 0) return 'unsatisfiable';
  // The last bytes of an empty object are all of it, which no `Content-Range` can say.
  return size === 0 ? 'all' : { first: Math.max(0, size - range.suffix), last: size - 1 };
}
