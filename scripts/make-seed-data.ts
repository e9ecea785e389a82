import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DATASETS, demoData } from './seed-data/demo-data.ts';

/** Generates the demo data beside the definitions in datasets/. A test checks that it is as it is made. */
for (const [name, files] of demoData()) {
  const folder = fileURLToPath(new URL(name, DATASETS));
  fs.rmSync(folder, { recursive: true, force: true });
  for (const [key, content] of files) {
    const file = path.join(folder, key);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
  console.log(`datasets/${name}/: ${files.size} files`);
}
