import { toNfc } from '@landfall/contracts/text/nfc';
import type { RecordValues } from '../source/record.ts';
import { isBlank } from './visible-text.ts';

/** The headers of plain records, with their ends of line. */
const HEADERS = ['first_name, last_name, birthts\n', 'first_name,last_name,birthts\n'];
/** So many digits are surely within what a date can be. */
const INTEGER = /^-?\d{1,15}$/;

/**
 * Reads a record as nearly all are written: the three columns in their order, one row, nothing quoted. Of whatever
 * else it says nothing, be it good or not; csv-parse, which takes ten times as long, then has to. A property test
 * holds the two equal.
 *
 * @returns undefined when the text is not that plain
 */
export function readPlainRecord(text: string): RecordValues | undefined {
  const header = HEADERS.find((each) => text.startsWith(each));
  if (header === undefined) return undefined;
  const end = text.indexOf('\n', header.length);
  const isOneRow = end === -1 || end === text.length - 1;
  if (!isOneRow || text.includes('"') || text.includes('\r') || text.includes('\0')) return undefined;

  const first = text.indexOf(',', header.length);
  const second = text.indexOf(',', first + 1);
  if (first === -1 || second === -1 || text.includes(',', second + 1)) return undefined;
  const first_name = text.slice(header.length, first).trim();
  const last_name = text.slice(first + 1, second).trim();
  const birthts = text.slice(second + 1).trim();
  if (isBlank(first_name) || isBlank(last_name) || !INTEGER.test(birthts)) return undefined;
  return { first_name: toNfc(first_name), last_name: toNfc(last_name), birthts: Number(birthts) + 0 };
}
