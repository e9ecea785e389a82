import t from 'tap';
import { makeService } from '../support/_service.ts';

/** Limit of the gzipped size of the page and everything it loads, bytes. */
const BUDGET = 100 * 1024;

t.test('the page may load its own files only', async (t) => {
  const { ask } = await makeService(t);
  const { status, headers, text } = await ask('/');
  t.equal(status, 200);
  t.match(headers['content-type'], 'text/html');
  const policy = String(headers['content-security-policy']);
  t.match(policy, /^default-src 'none'; script-src 'self' 'sha256-[\w+/]+=*';/);
  t.notMatch(policy, /unsafe|http|\*/);
  t.match(headers, { 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache' });
  t.notMatch(text, /\b(?:https?:)?\/\/(?!www\.w3\.org)/, 'no other host is named');
  t.notMatch(text, /\son\w+=|style=/, 'no inline script or style');
});

t.test('the page and everything it loads is below 100 KB', async (t) => {
  const { ask } = await makeService(t);
  const seen = new Set<string>();
  let bytes = 0;
  for (const paths = ['/']; paths.length > 0; ) {
    const path = paths.pop() ?? '';
    if (seen.has(path)) continue;
    seen.add(path);
    const plain = await ask(path);
    t.equal(plain.status, 200, path);
    const packed = await ask(path, { 'accept-encoding': 'gzip' });
    t.equal(packed.headers['content-encoding'], 'gzip', path);
    t.not(packed.headers.etag, plain.headers.etag, path);
    for (const { headers } of [plain, packed]) {
      t.equal((await ask(path, { 'if-none-match': String(headers.etag) })).status, 304, path);
    }
    bytes += packed.body.length;
    paths.push(...linksIn(path, plain.text));
  }
  t.ok(seen.has('/assets/main.js') && seen.has('/assets/lit-html/lit-html.js'), 'imported files are found');
  t.comment(`the page: ${bytes} bytes gzipped, of ${seen.size} files`);
  t.ok(bytes < BUDGET, `${bytes} bytes`);
  t.equal((await ask('/assets/tsconfig.json')).status, 404, 'other files are not served');
  t.equal((await ask('/assets/state/view.test.ts')).status, 404);
});

/** The paths of the files that a page or a script makes the browser load. */
function linksIn(path: string, text: string): string[] {
  const found = text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .matchAll(/(?:href|src)="(\/assets\/[^"]+)"|(?:\bfrom|^import) ?["'](\.[^"']+|lit-html[^"']*)["']/gm);
  return [...found].map(([, link, specifier = '']) => {
    if (link !== undefined) return link;
    if (specifier === 'lit-html') return '/assets/lit-html/lit-html.js';
    const at = specifier.startsWith('lit-html/') ? `/assets/${specifier}` : specifier;
    return new URL(at, `http://page${path}`).pathname;
  });
}
