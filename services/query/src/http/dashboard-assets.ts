import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';

/** A file of the dashboard, as it is sent. */
export interface Asset {
  /** Of its URL. */
  path: string;
  type: string;
  identity: Coded;
  gzip: Coded;
}
/** The bytes in one content coding, and their strong ETag. */
interface Coded {
  body: Buffer;
  tag: string;
}

const DASHBOARD = fileURLToPath(new URL('../../dashboard/', import.meta.url));
/** What the browser imports of it: the scripts go there as they were published. */
const LIT_HTML = fileURLToPath(new URL('../../node_modules/lit-html/', import.meta.url));
const OF_LIT_HTML = [
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

/** Reads all that the page consists of; `/` is the page itself. */
export function readAssets(): Asset[] {
  const own = fs.globSync('**/*.{css,js,svg}', { cwd: DASHBOARD });
  return [
    readAsset('/', path.join(DASHBOARD, 'index.html')),
    ...own.map((file) => readAsset(`/assets/${file}`, path.join(DASHBOARD, file))),
    ...OF_LIT_HTML.map((file) => readAsset(`/assets/lit-html/${file}`, path.join(LIT_HTML, file))),
  ];
}

function readAsset(at: string, file: string): Asset {
  const body = fs.readFileSync(file);
  const digest = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return {
    path: at,
    type: TYPES[path.extname(file)] ?? 'application/octet-stream',
    identity: { body, tag: `"${digest}"` },
    gzip: { body: gzipSync(body, { level: constants.Z_BEST_COMPRESSION }), tag: `"${digest}-gzip"` },
  };
}

/**
 * What the page may do: load what is its own, and run no script but that. Its import map has to stand within it, and
 * is let through by its hash.
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
