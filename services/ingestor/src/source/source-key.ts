import { toNfc } from '@landfall/contracts/text/nfc';

/** Image extensions, the preferred one first. */
const IMAGE_EXTENSIONS: readonly string[] = ['png', 'jpg', 'jpeg', 'webp', 'gif'];

/** What a key is that names something of a user. */
export type UserKey =
  /** `userId`: in NFC, whatever the form of the key. */
  | { kind: 'record'; userId: string }
  /** `preference`: of several images of a user the lowest counts. */
  | { kind: 'image'; userId: string; preference: number };

/** What a key of the source bucket is the name of. */
export type SourceKey = UserKey | { kind: 'other' };

const OTHER: SourceKey = { kind: 'other' };
const [DOT, SLASH] = [0x2e, 0x2f];

/**
 * Tells a key by its last segment: the user's id and, in any letter case, the extension. A name that is nothing
 * but an extension (`.csv`) has no user and is something else.
 */
export function readSourceKey(key: string): SourceKey {
  const start = lastIndexOf(key, SLASH) + 1;
  const dot = lastIndexOf(key, DOT);
  if (dot <= start) return OTHER;
  const userId = toNfc(key.slice(start, dot));
  const written = key.slice(dot + 1);
  if (written === 'csv') return { kind: 'record', userId };
  const extension = written.toLowerCase();
  if (extension === 'csv') return { kind: 'record', userId };
  const preference = IMAGE_EXTENSIONS.indexOf(extension);
  return preference === -1 ? OTHER : { kind: 'image', userId, preference };
}

/** The user's id as the key has it, in whatever Unicode form. */
export const writtenUserId = (key: string): string =>
  key.slice(lastIndexOf(key, SLASH) + 1, lastIndexOf(key, DOT));

/** As String's own, which V8 calls out of JavaScript for: of a short key that takes ten times as long. */
function lastIndexOf(key: string, unit: number): number {
  let at = key.length - 1;
  while (at >= 0 && key.charCodeAt(at) !== unit) at--;
  return at;
}
