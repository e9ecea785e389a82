const BY_EXTENSION: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
};

/** The media type of a file. @param extension in lower case, without the dot */
export const mediaTypeOfExtension = (extension: string): string =>
  BY_EXTENSION[extension] ?? 'application/octet-stream';

/** The narrowest media range that holds all of the media types: `image/*` (RFC 9110, 12.5.1). */
export function mediaRange(mediaTypes: readonly string[]): string {
  const families = new Set(mediaTypes.map((type) => type.split('/')[0]));
  const [family] = families;
  return families.size === 1 ? `${family}/*` : '*/*';
}
