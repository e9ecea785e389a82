import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const exclude = (name: string) => name === 'node_modules';

/** Examples of files that a reader would create. */
const EXAMPLES = new Set(['services/query/src/http/routes/ids.ts']);

t.test('the source files that the documents name exist', async (t) => {
  const files = fs.globSync('**/*.{ts,js,sh,css,html}', { cwd, exclude }).map((file) => `/${file}`);
  const documents = fs.globSync(['*.md', 'docs/**/*.md'], { cwd, exclude });
  const cited = documents.flatMap((document) => {
    const text = fs.readFileSync(`${cwd}/${document}`, 'utf8');
    return Array.from(text.matchAll(/`([\w./-]+\.(?:ts|js|sh|css|html))`/g), ([, name = '']) => ({
      document,
      name,
    }));
  });
  const missing = cited.filter(
    ({ name }) =>
      !EXAMPLES.has(name) && !name.startsWith('x.') && !files.some((file) => file.endsWith(`/${name}`)),
  );
  t.same(missing, []);
  t.ok(cited.length > 20, `${cited.length} names`);
});
