import fs from 'node:fs';
import {
  columnNames,
  type Definition,
  hasJsonRecords,
  keyColumn,
} from '@landfall/contracts/dataset/definition';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { anyDefinition } from '@landfall/contracts/definition/_any-definition';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import { readText } from '@landfall/contracts/values/read-text';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { recordParser } from '../../src/parse/parse.ts';
import { isFault } from '../../src/source/record.ts';
import { anyRecordFile, type Outcome, type RecordFile } from '../support/_any-record-file.ts';
import { type Fixture, makeFixture } from '../support/_ingestor.ts';

/** Two of them are one id in Unicode NFC. */
const IDS = ['1', 'b.c', '\u00e9', 'e\u0301'];

/** A file in the source bucket. */
interface File {
  key: string;
  id: string;
  /** The index of a companion; undefined for a record. */
  companion: number | undefined;
  preference: number;
}
type Change =
  | { kind: 'put'; file: File; record: RecordFile }
  /** Removes one of the files that there are. */
  | { kind: 'remove'; which: number };

/** Any key that fits a pattern, made from its parts. */
function anyFile(pattern: string, companion?: number): fc.Arbitrary<File> {
  const [, stem = '', list = ''] = /^(.*)\.\{?([a-z,]+)\}?$/.exec(pattern) ?? [];
  const extensions = list.split(',');
  return fc
    .record({
      id: fc.constantFrom(...IDS),
      folders: fc.constantFrom('', 'a/', 'b/c/'),
      segment: fc.constantFrom('x', 'y-z'),
      preference: fc.nat({ max: extensions.length - 1 }),
      isUpper: fc.boolean(),
    })
    .map(({ id, folders, segment, preference, isUpper }) => {
      const name = stem
        .replace('**/', folders)
        .replace('*', segment)
        .replace(/\{\w+\}/, id);
      const extension = extensions[preference] ?? '';
      const key = `${name}.${isUpper ? extension.toUpperCase() : extension}`;
      return { key, id: id.normalize('NFC'), companion, preference };
    });
}

function anyChange(definition: Definition): fc.Arbitrary<Change> {
  const file = (of: fc.Arbitrary<File>) =>
    fc.record({ kind: fc.constant('put' as const), file: of, record: anyRecordFile(definition) });
  return fc.oneof(
    { weight: 4, arbitrary: file(anyFile(definition.records)) },
    ...definition.companions.map(({ files }, i) => ({ weight: 1, arbitrary: file(anyFile(files, i)) })),
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), which: fc.nat() }) },
  );
}

/** The rules of the mirror, computed naively: the files, and the last good values of each row. */
class NaiveMirror {
  readonly files = new Map<string, File & { outcome: Outcome }>();
  readonly #good = new Map<string, readonly string[]>();
  readonly #definition: Definition;
  rejects: string[][] = [];

  constructor(definition: Definition) {
    this.#definition = definition;
  }

  run(): void {
    this.rejects = [];
    for (const id of new Set(IDS.map((each) => each.normalize('NFC')))) {
      const [owner, ...others] = this.#of(id, undefined);
      if (!owner) this.#good.delete(id);
      else if ('values' in owner.outcome) this.#good.set(id, owner.outcome.values);
      else this.rejects.push([owner.key, id, owner.outcome.reason, String(this.#good.has(id))]);
      for (const { key } of others) this.rejects.push([key, id, 'duplicate_thing', 'false']);
    }
    this.rejects.sort(([a = ''], [b = '']) => compareBytes(a, b));
  }

  /** Lines of output.csv without the header. */
  rows(): string[][] {
    return [...this.#good]
      .sort(([a], [b]) => compareBytes(a, b))
      .map(([id, values]) => [
        id,
        ...values,
        ...this.#definition.companions.map((_, i) => {
          const [first] = this.#of(id, i).sort((a, b) => a.preference - b.preference);
          return first ? `src-data/${first.key}` : '';
        }),
      ]);
  }

  orphans(): number {
    const isOrphan = ({ id, companion }: File) =>
      companion !== undefined && this.#of(id, undefined).length === 0;
    return [...this.files.values()].filter(isOrphan).length;
  }

  /** In byte order of the keys. */
  #of(id: string, companion: number | undefined) {
    return [...this.files.values()]
      .filter((file) => file.id === id && file.companion === companion)
      .sort((a, b) => compareBytes(a.key, b.key));
  }
}

const line = (fields: readonly string[]): string =>
  `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join()}\n`;

t.test(
  'a record of any definition is read as it was meant, and its canonical texts are stable',
  async (t) => {
    const seen = new Map<string, number>();
    const sample = anyDefinition.chain((definition) =>
      fc.record({ definition: fc.constant(definition), file: anyRecordFile(definition) }),
    );
    fc.assert(
      fc.property(sample, ({ definition, file: { content, outcome } }) => {
        const reading = recordParser(definition).parse(content);
        const isFuture = 'reason' in outcome && outcome.reason.endsWith('_in_future');
        const kind = 'reason' in outcome ? outcome.reason.replace(/_.*/, '') : 'row';
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
        if ('reason' in outcome && !isFuture) {
          t.match(reading, outcome, content.toString().slice(0, 1_000));
          return;
        }
        if (isFault(reading)) throw new Error(`${reading.reason}: ${reading.detail}`);
        // Whether a time is in the future depends on the clock and is checked by the run.
        if ('reason' in outcome) return;
        const noFiles = Object.fromEntries(definition.companions.map(({ column }) => [column, null]));
        const row = { [keyColumn(definition)]: 'id', ...reading, ...noFiles };
        const codec = rowCodec(definition);
        const written = codec.formatRow(row);
        t.equal(written, line(['id', ...outcome.values, ...definition.companions.map(() => '')]));
        t.same(codec.parseRow(written), row, 'the line is read back as the same row');
        const again = definition.fields.map((field, i) => {
          const text = outcome.values[i] ?? '';
          return text === '' ? null : readText(field, text);
        });
        t.same(again, Object.values(reading), 'each canonical text is read as the same value');
      }),
      { numRuns: 600 },
    );
    for (const kind of ['row', 'invalid', 'missing', 'malformed', 'empty', 'too'])
      t.ok((seen.get(kind) ?? 0) > 0, `${kind}: ${seen.get(kind)}`);
  },
);

t.test('the data set of any definition is that of a naive implementation, after any changes', async (t) => {
  let deltas = 0;
  const sample = anyDefinition.chain((definition) =>
    fc.record({
      definition: fc.constant(definition),
      batches: fc.array(fc.array(anyChange(definition), { minLength: 1, maxLength: 6 }), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(sample, async ({ definition, batches }) => {
      const fixture = await makeFixture(t, { definition, everyMs: 1e12 });
      const mirror = new NaiveMirror(definition);
      fixture.put('read me.md', 'of no row');
      await fixture.start();
      for (const changes of batches) {
        const [before, { generation }] = [fixture.output(), fixture.manifest()];
        for (const change of changes) apply(change, mirror, fixture);
        const report = await fixture.run();
        mirror.run();
        t.equal(report.status, 'succeeded', report.error ?? '');
        t.equal(fixture.output(), [columnNames(definition), ...mirror.rows()].map(line).join(''));
        t.same(rejectsOf(fixture), mirror.rejects);
        t.equal(report.orphan_images, mirror.orphans());
        const { delta, generation: now } = fixture.manifest();
        if (now === generation || !delta) continue;
        deltas++;
        expectDelta(t, fixture, delta.key, before);
      }
      await fixture.stop();
    }),
    { numRuns: 20 },
  );
  t.ok(deltas > 0, `${deltas} deltas`);
});

t.test('the generated definitions have records of both kinds and all types', async (t) => {
  const definitions = fc.sample(anyDefinition, 60);
  const types = new Set(definitions.flatMap(({ fields }) => fields.map(({ type }) => type)));
  t.equal(types.size, 7);
  t.ok(definitions.some(hasJsonRecords) && !definitions.every(hasJsonRecords));
});

function apply(change: Change, mirror: NaiveMirror, fixture: Fixture): void {
  if (change.kind === 'put') {
    const { file, record } = change;
    mirror.files.set(file.key, { ...file, outcome: record.outcome });
    fixture.put(file.key, record.content);
    return;
  }
  const keys = [...mirror.files.keys()];
  const key = keys[change.which % keys.length];
  if (key === undefined) return;
  mirror.files.delete(key);
  fixture.remove(key);
}

/** Key, id, reason and whether a previous version is kept, of each reject. */
function rejectsOf(fixture: Fixture): string[][] {
  const [, ...rows] = parse(fs.readFileSync(fixture.processed('rejects.csv'))) as string[][];
  return rows.map(([key = '', id = '', reason = '', , , kept = '']) => [key, id, reason, kept]);
}

/** Applies a delta to the rows before, and compares with the rows now. */
function expectDelta(t: Test, fixture: Fixture, key: string, before: string): void {
  const byId = (text: string) =>
    new Map((parse(text, { from: 2 }) as string[][]).map((row) => [row[0] ?? '', row]));
  const rows = byId(before);
  const changes = parse(fs.readFileSync(fixture.processed(key)), { from: 2 }) as string[][];
  for (const [change, ...row] of changes) {
    if (change === 'put') rows.set(row[0] ?? '', row);
    else rows.delete(row[0] ?? '');
  }
  t.same(Object.fromEntries(rows), Object.fromEntries(byId(fixture.output())));
}
