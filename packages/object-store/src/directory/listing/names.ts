import { isUtf8 } from 'node:buffer';
import fs from 'node:fs';
import { compareBytes } from '@landfall/contracts/text/byte-order';

/** What stands for bytes that are no UTF-8 in a name that was read as text. */
const REPLACEMENT = '\ufffd';

/** The names in a folder. */
export interface FolderNames {
  /** The last one in byte order first. Names that are not UTF-8 have `\xNN` for each byte of theirs that is not ASCII. */
  names: string[];
  /** The true bytes of those that are not UTF-8; undefined when all are. */
  invalid: ReadonlyMap<string, Buffer> | undefined;
}

/** Whether a name that was read as text may stand for bytes that are no UTF-8. */
export const mayBeInvalid = (name: string): boolean => name.includes(REPLACEMENT);

/** @throws what the file system says */
export async function readNames(folder: string): Promise<FolderNames> {
  // Without their types: an object for each of a million names takes 200 MB.
  const names = await fs.promises.readdir(folder);
  if (!names.some(mayBeInvalid)) return { names: sorted(names), invalid: undefined };
  const [valid, invalid] = [new Set<string>(), new Map<string, Buffer>()];
  const bytes = await fs.promises.readdir(folder, { encoding: 'buffer' });
  for (const name of bytes) if (isUtf8(name)) valid.add(name.toString());
  for (const name of bytes) {
    if (!isUtf8(name))
      invalid.set(
        escaped(name, (text) => valid.has(text) || invalid.has(text)),
        name,
      );
  }
  return { names: sorted([...valid, ...invalid.keys()]), invalid: invalid.size > 0 ? invalid : undefined };
}

const sorted = (names: string[]): string[] => names.sort((a, b) => compareBytes(b, a));

/** A text for a name, and not one that another name has: as many bytes as it takes are escaped at its beginning. */
function escaped(name: Buffer, isTaken: (text: string) => boolean): string {
  for (let atLeast = 0; atLeast < name.length; atLeast++) {
    const text = [...name].map((byte, i) => (i < atLeast || byte >= 0x80 ? hex(byte) : char(byte))).join('');
    if (!isTaken(text)) return text;
  }
  return [...name].map(hex).join('');
}

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;
const char = (byte: number): string => String.fromCharCode(byte);
