/** Image extensions, the preferred one first (DESIGN section 3). */
const IMAGE_EXTENSIONS: readonly string[] = ['png', 'jpg', 'jpeg', 'webp', 'gif'];

/** What a key of the source bucket is the name of. */
export type SourceKey =
  | { kind: 'record'; userId: string }
  /** `preference`: of several images of a user the lowest counts. */
  | { kind: 'image'; userId: string; preference: number }
  | { kind: 'other' };

const OTHER: SourceKey = { kind: 'other' };

/**
 * Tells a key by its last segment: the user's id and, in any letter case, the extension. A name that is nothing
 * but an extension (`.csv`) has no user and is something else.
 */
export function readSourceKey(key: string): SourceKey {
  const start = key.lastIndexOf('/') + 1;
  const dot = key.lastIndexOf('.');
  if (dot <= start) return OTHER;
  const userId = key.slice(start, dot);
  const written = key.slice(dot + 1);
  if (written === 'csv') return { kind: 'record', userId };
  const extension = written.toLowerCase();
  if (extension === 'csv') return { kind: 'record', userId };
  const preference = IMAGE_EXTENSIONS.indexOf(extension);
  return preference === -1 ? OTHER : { kind: 'image', userId, preference };
}
