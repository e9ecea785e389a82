import fs from 'node:fs';
import { stringify } from 'yaml';
import { asyncapiDocument } from './asyncapi/asyncapi-document.ts';

/** Writes docs/asyncapi.yaml: the messages on NATS, with the schemas that the services check. A test holds it. */
const comment = '# Written by `npx pnpm@12.21.0 run asyncapi`, out of packages/contracts/src/messages.\n';
const text = comment + stringify(asyncapiDocument(), { aliasDuplicateObjects: false, lineWidth: 120 });
fs.writeFileSync(process.argv[2] ?? new URL('../docs/asyncapi.yaml', import.meta.url), text);
