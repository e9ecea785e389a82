import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { keyMatcher, keyPatternOf } from '@landfall/contracts/definition/key-pattern';
import { parseDefinition } from '@landfall/contracts/definition/parse-definition';
import { recordParser } from '@landfall/ingestor/parse/parse';
import { isFault } from '@landfall/ingestor/source/record';
import t from 'tap';
import { fillDirectoryWith } from './definition-files.ts';

const FIELDS = [
  { name: 'name', type: 'string', from: '/name/en' },
  { name: 'kind', type: 'enum', values: ['a', 'b'] },
  { name: 'active', type: 'boolean', optional: true },
  { name: 'height', type: 'integer', from: '/at/height', optional: true },
  { name: 'latitude', type: 'decimal', scale: 4, from: '/at/latitude', minimum: -90, maximum: 90 },
  { name: 'opened', type: 'date' },
  { name: 'seen', type: 'timestamp', unit: 'iso' },
  { name: 'made', type: 'timestamp', unit: 's' },
];

t.test('files of any definition match its patterns and can be read', async (t) => {
  for (const records of ['things/{id}/record.json', '**/{id}.csv']) {
    const definition = parseDefinition(
      JSON.stringify({
        name: 'things',
        one: 'thing',
        records,
        fields: FIELDS,
        companions: [{ name: 'scan', files: 'things/{id}/scan.{pdf,png}' }],
      }),
      'test.json',
    );
    const root = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-files-'));
    t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
    fillDirectoryWith(definition, root, 50);
    const source = path.join(root, 'src-data');
    const keys = fs
      .globSync('**', { cwd: source })
      .filter((key) => fs.statSync(path.join(source, key)).isFile());
    const { parse } = recordParser(definition);
    const matchRecord = keyMatcher(keyPatternOf(records));
    const isRecord = (key: string) => matchRecord(key) !== undefined;
    t.equal(keys.filter(isRecord).length, 50);
    t.ok(keys.length > 60 && keys.length < 95, `${keys.length} files`);
    for (const key of keys.filter(isRecord)) {
      const record = fs.readFileSync(path.join(source, key));
      t.notOk(isFault(parse(record)), String(record));
      if (records.endsWith('.json')) t.equal(String(record).length, 1_001);
    }
  }
});
