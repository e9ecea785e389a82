import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import * as dashboardLimits from './dashboard-limits.ts';

/** A file of the dashboard, ready to send. */
export interface Asset {
  /** Path of its URL. */
  path: string;
  type: string;
  identity: EncodedBody;
  gzip: EncodedBody;
}
/** The bytes in one content coding, and their strong ETag. */
interface EncodedBody {
  body: Buffer;
  etag: string;
}

const DASHBOARD = fileURLToPath(new URL('../../dashboard/', import.meta.url));
/** The package that the scripts import. Its files are served unchanged. */
const LIT_HTML = fileURLToPath(new URL('../../node_modules/lit-html/', import.meta.url));
const LIT_HTML_FILES = [
  'lit-html.js',
  'directive.js',
  'directive-helpers.js',
  'directives/live.js',
  'directives/repeat.js',
];

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Reads all files of the dashboard; `/` is the page itself. */
export function readAssets(): Asset[] {
  const own = fs.globSync('**/*.{css,js,svg}', { cwd: DASHBOARD });
  return [
    readAsset('/', path.join(DASHBOARD, 'index.html')),
    ...own.map((file) => readAsset(`/assets/${file}`, path.join(DASHBOARD, file))),
    ...LIT_HTML_FILES.map((file) => readAsset(`/assets/lit-html/${file}`, path.join(LIT_HTML, file))),
    makeAsset('/assets/limits.js', limitsModule()),
  ];
}

const readAsset = (url: string, file: string): Asset =>
  makeAsset(url, fs.readFileSync(file), path.extname(file));

function makeAsset(url: string, body: Buffer, extension = path.extname(url)): Asset {
  const digest = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return {
    path: url,
    type: TYPES[extension] ?? 'application/octet-stream',
    identity: { body, etag: `"${digest}"` },
    gzip: { body: gzipSync(body, { level: constants.Z_BEST_COMPRESSION }), etag: `"${digest}-gzip"` },
  };
}

/** `dashboard-limits.ts` as JavaScript. */
function limitsModule(): Buffer {
  const lines = Object.entries(dashboardLimits).map(
    ([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`,
  );
  return Buffer.from(lines.join(''));
}

/**
 * The Content-Security-Policy of the page: only its own files, and no inline scripts. An import map must be inline; its hash
 * allows it.
 */
export function contentSecurityPolicy(page: Buffer): string {
  const inline = [...page.toString().matchAll(/<script type="importmap">([\s\S]*?)<\/script>/g)];
  const hashes = inline.map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src 'self' ${hashes.join(' ')}`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
