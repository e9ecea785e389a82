import { hash } from 'node:crypto';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { shortVersion } from '../../dataset/short-version.ts';

/** Where a page begins: what it is of, and with whom. */
export interface Cursor {
  generation: number;
  /** The beginning of the generation's version: another lineage may have a generation of the same number. */
  version: string;
  /** The UTC day that ages are counted at, 0 being 1970-01-01. */
  day: number;
  /** The id of its first user. */
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

/** Another one when a cursor means something else, so that none of before is taken for it. */
const FORMAT = 2;
const CHECKSUM_LENGTH = 16;

/** @param question which users are asked for, and in which order; the same text for the same question */
export function encodeCursor(
  { generation, version }: Manifest,
  day: number,
  from: string,
  question: string,
): string {
  const parts: Static<typeof Parts> = [generation, shortVersion(version), day, from, ''];
  parts[4] = checksumOf(parts, question);
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** @returns undefined when it was not given out, or for another question */
export function decodeCursor(text: string, question: string): Cursor | undefined {
  const parts = partsOf(text);
  if (!parts || parts[4] !== checksumOf(parts, question)) return undefined;
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

/** It tells a mistake from a cursor. It is no secret: whoever makes one asks for nothing they may not have. */
function checksumOf([generation, version, day, from]: Static<typeof Parts>, question: string): string {
  const text = JSON.stringify([FORMAT, generation, version, day, from, question]);
  return hash('sha256', text, 'base64url').slice(0, CHECKSUM_LENGTH);
}
