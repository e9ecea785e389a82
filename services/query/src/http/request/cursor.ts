import { hash } from 'node:crypto';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { shortVersion } from '../../dataset/short-version.ts';

/** The position of a page: its generation and its first row. */
export interface Cursor {
  generation: number;
  /** The start of the generation's version. After a new start of the ingestor, another generation may have the same number. */
  version: string;
  /** The UTC day at which ages are computed, 0 being 1970-01-01. */
  day: number;
  /** The key of the page's first row. */
  from: string;
}

const Parts = Type.Tuple([
  Type.Integer({ minimum: 1 }),
  Type.String(),
  Type.Integer(),
  Type.String(),
  Type.String({ description: 'checksum' }),
]);
const isParts = Compile(Parts);

/** Changes with the meaning of a cursor, so that older cursors become invalid. */
const FORMAT = 2;
const CHECKSUM_LENGTH = 16;

/** @param canonicalQuery the filter and the order; see `canonicalQuery` in pagination.ts */
export function encodeCursor(
  { generation, version }: Manifest,
  day: number,
  from: string,
  canonicalQuery: string,
): string {
  const parts: Static<typeof Parts> = [generation, shortVersion(version), day, from, ''];
  parts[4] = checksumOf(parts, canonicalQuery);
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** @returns undefined when the service did not make this cursor, or made it for another query */
export function decodeCursor(text: string, canonicalQuery: string): Cursor | undefined {
  const parts = partsOf(text);
  if (!parts || parts[4] !== checksumOf(parts, canonicalQuery)) return undefined;
  const [generation, version, day, from] = parts;
  return { generation, version, day, from };
}

function partsOf(text: string): Static<typeof Parts> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return isParts.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Detects mistakes and cursors of other queries. It protects nothing: a forged cursor reads only what everybody may read. */
function checksumOf([generation, version, day, from]: Static<typeof Parts>, canonicalQuery: string): string {
  const text = JSON.stringify([FORMAT, generation, version, day, from, canonicalQuery]);
  return hash('sha256', text, 'base64url').slice(0, CHECKSUM_LENGTH);
}
