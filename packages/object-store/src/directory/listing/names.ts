import { isUtf8 } from 'node:buffer';
import fs from 'node:fs';
import { compareBytes } from '@landfall/contracts/text/byte-order';

/** Replacement character for bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd';

/** The names in a folder. */
export interface FolderNames {
  /** In descending byte order. A name that is not UTF-8 has `\xNN` for each byte that is not ASCII. */
  names: string[];
  /** The bytes of names that are not UTF-8; undefined when there are none. */
  invalid: ReadonlyMap<string, Buffer> | undefined;
}

/** Whether a name may contain bytes that are not UTF-8. */
export const mayBeInvalid = (name: string): boolean => name.includes(REPLACEMENT);

/** @throws file system errors */
export async function readNames(folder: string): Promise<FolderNames> {
  // Without file types: a Dirent for each of a million names takes 200 MB.
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

/** Returns a unique text for a name: leading bytes are escaped until no other name has the text. */
function escaped(name: Buffer, isTaken: (text: string) => boolean): string {
  for (let atLeast = 0; atLeast < name.length; atLeast++) {
    const text = [...name].map((byte, i) => (i < atLeast || byte >= 0x80 ? hex(byte) : char(byte))).join('');
    if (!isTaken(text)) return text;
  }
  return [...name].map(hex).join('');
}

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;
const char = (byte: number): string => String.fromCharCode(byte);
