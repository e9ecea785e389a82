import fs from 'node:fs';
import { parseDefinition } from '@landfall/contracts/definition/parse-definition';
import { VERSION } from '@landfall/process/version';
import type { AccessOptions } from '@landfall/query/access/access-options';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import t from 'tap';
import { makeService } from '../services/query/test/support/_service.ts';
import { fromText, newToken } from '../services/query/test/support/_tokens.ts';

const reader = newToken('reader', 'read');
const ACCESS: [string, AccessOptions | undefined][] = [
  ['open', undefined],
  ['with tokens', fromText([reader.line])],
];

t.test('the OpenAPI document meets Redocly’s recommended rules', async (t) => {
  const config = await createConfig({ extends: ['recommended'] });
  for (const name of ['users', 'stations', 'invoices']) {
    const file = new URL(`../datasets/${name}.json`, import.meta.url);
    const definition = parseDefinition(fs.readFileSync(file, 'utf8'), name);
    for (const [how, access] of ACCESS) {
      const { ask } = await makeService(t, { definition, access });
      const { text } = await ask('/openapi.json', reader.header);
      t.equal(JSON.parse(text).info.version, VERSION, 'the version of the package');
      const problems = await lintFromString({ source: text, absoluteRef: 'openapi.json', config });
      t.same(
        problems.map(
          ({ severity, ruleId, message, location }) =>
            `${severity} ${ruleId}: ${message} ${location[0]?.pointer}`,
        ),
        [],
        `${name}, ${how}`,
      );
    }
  }
});
