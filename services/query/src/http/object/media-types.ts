/**
 * Media types by extension. Formats without a registered type are not listed: they are sent as bytes. HTML is sent as text, because a
 * page from a bucket would appear under the address of the API.
 *
 * @see https://www.iana.org/assignments/media-types
 */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  avif: 'image/avif',
  bmp: 'image/bmp',
  heic: 'image/heic',
  jp2: 'image/jp2',
  svg: 'image/svg+xml',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  txt: 'text/plain; charset=utf-8',
  log: 'text/plain; charset=utf-8',
  htm: 'text/plain; charset=utf-8',
  html: 'text/plain; charset=utf-8',
  xhtml: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  tsv: 'text/tab-separated-values; charset=utf-8',
  json: 'application/json',
  geojson: 'application/geo+json',
  ndjson: 'application/x-ndjson',
  xml: 'application/xml',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  pdf: 'application/pdf',
  rtf: 'application/rtf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  odt: 'application/vnd.oasis.opendocument.text',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  epub: 'application/epub+zip',
  parquet: 'application/vnd.apache.parquet',
  dcm: 'application/dicom',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  flac: 'audio/flac',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  ogv: 'video/ogg',
  webm: 'video/webm',
  glb: 'model/gltf-binary',
  gltf: 'model/gltf+json',
  obj: 'model/obj',
  stl: 'model/stl',
  zip: 'application/zip',
  gz: 'application/gzip',
  zst: 'application/zstd',
};

/** The media type of a file. @param extension in lower case, without the dot */
export const mediaTypeOfExtension = (extension: string): string =>
  Object.hasOwn(BY_EXTENSION, extension) ? (BY_EXTENSION[extension] ?? BYTES) : BYTES;

const BYTES = 'application/octet-stream';

/** The narrowest media range that holds all of the media types, as `image/*` (RFC 9110, 12.5.1). */
export function mediaRange(mediaTypes: readonly string[]): string {
  const types = new Set(mediaTypes.map((type) => type.split(';')[0]));
  const families = new Set(mediaTypes.map((type) => type.split('/')[0]));
  const [[type], [family]] = [types, families];
  if (types.size === 1 && type !== undefined) return type;
  return families.size === 1 ? `${family}/*` : '*/*';
}

/**
 * The header `Content-Security-Policy` of a file. Files are untrusted: nothing in them may run, or load anything else. What a browser
 * shows in a viewer of its own cannot be in a sandbox, and a player loads the file again.
 */
export function contentPolicy(mediaType: string): string {
  const [family] = mediaType.split('/');
  if (mediaType === 'image/svg+xml') return "default-src 'none'; style-src 'unsafe-inline'; sandbox";
  if (family === 'audio' || family === 'video') return "default-src 'none'; media-src 'self'";
  if (family === 'image' || mediaType === 'application/pdf') return "default-src 'none'";
  return "default-src 'none'; sandbox";
}
