import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { DATASETS, demoData } from '../scripts/seed-data/demo-data.ts';

const folder = fileURLToPath(DATASETS);

t.test('the demo data is what its script makes', async (t) => {
  for (const [name, files] of demoData()) {
    const root = path.join(folder, name);
    const found = fs
      .readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((key) => fs.statSync(path.join(root, key)).isFile());
    t.same(found.sort(), [...files.keys()].sort(), `datasets/${name}`);
    const differing = found.filter(
      (key) => files.get(key)?.equals(fs.readFileSync(path.join(root, key))) !== true,
    );
    t.same(differing, [], `datasets/${name}: run the script seed-data`);
  }
});

t.test('demo data belongs to a definition', async (t) => {
  for (const name of demoData().keys()) t.ok(fs.existsSync(path.join(folder, `${name}.json`)), name);
});
