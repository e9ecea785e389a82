import fs from 'node:fs';
import { DefinitionFile } from '@landfall/contracts/definition/definition-schema';

/** Writes datasets/dataset.schema.json, which gives editors completion for definition files. A test holds it. */
const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...DefinitionFile };
fs.writeFileSync(
  new URL('../datasets/dataset.schema.json', import.meta.url),
  `${JSON.stringify(schema, null, 2)}\n`,
);
