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

t.test('each shipped definition has demo data', async (t) => {
  const definitions = fs.readdirSync(folder).filter((name) => /^(?!dataset\.schema).+\.json$/.test(name));
  t.same(definitions.map((name) => path.basename(name, '.json')).sort(), [...demoData().keys()].sort());
});
