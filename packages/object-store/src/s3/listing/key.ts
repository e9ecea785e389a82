import { isUtf8 } from 'node:buffer';
import { decodeEntities } from './xml-entities.ts';

/** A key of a listing. */
export interface DecodedKey {
  /** With U+FFFD for what is not UTF-8. */
  key: string;
  isUtf8: boolean;
}

/**
 * Decodes a key of a listing: XML entities, then URL encoding if the listing declares it. A `%` that does not start
 * an encoded byte is literal, as some servers write it.
 *
 * @param mayBeLossy the page was not valid UTF-8, so U+FFFD may replace other bytes
 */
export function decodeKey(written: string, isEncoded: boolean, mayBeLossy: boolean): DecodedKey {
  const isPlain = !written.includes('&') && !mayBeLossy;
  if (isPlain && !(isEncoded && /[%+]/.test(written))) return { key: written, isUtf8: true };
  const { text, isText } = decodeEntities(written);
  const isWhole = isText && !(mayBeLossy && text.includes('\uFFFD'));
  if (!isEncoded || !/[%+]/.test(text)) return { key: text, isUtf8: isWhole };
  const spaced = text.replaceAll('+', ' ');
  try {
    return { key: decodeURIComponent(spaced), isUtf8: isWhole };
  } catch {
    const bytes = decodeBytes(spaced);
    return { key: bytes.toString(), isUtf8: isWhole && isUtf8(bytes) };
  }
}

function decodeBytes(text: string): Buffer {
  const parts = text.split(/%([0-9a-f]{2})/i);
  return Buffer.concat(parts.map((part, i) => Buffer.from(part, i % 2 ? 'hex' : 'utf8')));
}
