import {
  type Definition,
  type Field,
  hasJsonRecords,
  headerOf,
  maxRecordBytes,
  missingTexts,
  pointerOf,
} from '@landfall/contracts/dataset/definition';
import fc from 'fast-check';
import { anyCell, anyFaultyCell, canBeFaulty } from './_any-cell.ts';

/** A record file and what becomes of it. */
export interface RecordFile {
  content: Buffer;
  outcome: Outcome;
}

/** The texts of the fields in output.csv, or the reason of the reject. */
export type Outcome = { values: readonly string[] } | { reason: string };

/** Any record of a definition: valid, or with one fault. */
export function anyRecordFile(definition: Definition): fc.Arbitrary<RecordFile> {
  return fc.oneof(
    { weight: 5, arbitrary: validFile(definition) },
    { weight: 2, arbitrary: fileWithFaultyCell(definition) },
    { weight: 1, arbitrary: faultyFile(definition) },
  );
}

/** The texts of a record in the order of the fields; undefined where it has none. */
type Texts = readonly (string | undefined)[];

function validCells(definition: Definition) {
  const missing = missingTexts(definition);
  return fc.tuple(...definition.fields.map((field) => anyCell(field, hasJsonRecords(definition), missing)));
}

function validFile(definition: Definition): fc.Arbitrary<RecordFile> {
  return fc.tuple(validCells(definition), anyWriter(definition)).map(([cells, write]) => ({
    content: Buffer.from(write(cells.map(({ written }) => written))),
    outcome: { values: cells.map(({ canonical }) => canonical) },
  }));
}

function fileWithFaultyCell(definition: Definition): fc.Arbitrary<RecordFile> {
  const isJson = hasJsonRecords(definition);
  const faulty = definition.fields.flatMap((field, at) =>
    canBeFaulty(field, isJson)
      ? [anyFaultyCell(field, isJson, missingTexts(definition)).map((cell) => ({ at, ...cell }))]
      : [],
  );
  if (faulty.length === 0) return validFile(definition);
  return fc
    .tuple(validCells(definition), fc.oneof(...faulty), anyWriter(definition))
    .map(([cells, { at, written, reason }, write]) => ({
      content: Buffer.from(write(cells.map((cell, i) => (i === at ? written : cell.written)))),
      outcome: { reason },
    }));
}

/** A file that has no values at all. */
function faultyFile(definition: Definition): fc.Arbitrary<RecordFile> {
  const tooLarge = ' '.repeat(maxRecordBytes(definition) + 1);
  const header = `${definition.fields.map(headerOf).map(quoted).join()},extra\n`;
  const row = `${definition.fields.map(() => 'x').join()},x\n`;
  const cases: readonly (readonly [string | Buffer, string])[] = [
    ['', 'empty'],
    [' \n\n', 'empty'],
    [Buffer.from([0x61, 0xff, 0xfe]), 'not_utf8'],
    [tooLarge, 'too_large'],
    ...(hasJsonRecords(definition)
      ? ([
          ['{"a": 1', 'malformed_json'],
          ['[]\n', 'malformed_json'],
          ['{"other": 1, "other": 2}\n', 'malformed_json'],
          ['{} // a comment\n', 'malformed_json'],
        ] as const)
      : ([
          [header, 'no_record'],
          [header + row + row, 'several_records'],
          [`${header}"x\n`, 'malformed_csv'],
          [`${header}x\n`, 'malformed_csv'],
        ] as const)),
  ];
  return fc.constantFrom(...cases).map(([content, reason]) => ({
    content: Buffer.from(content),
    outcome: { reason },
  }));
}

/** Any way to write a record. */
const anyWriter = (definition: Definition): fc.Arbitrary<(texts: Texts) => string> =>
  hasJsonRecords(definition) ? anyJsonWriter(definition) : anyCsvWriter(definition);

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

function anyCsvWriter({ fields }: Definition): fc.Arbitrary<(texts: Texts) => string> {
  return fc
    .record({
      start: fc.constantFrom('', '\ufeff', '\n'),
      separator: fc.constantFrom(',', ', '),
      lineEnd: fc.constantFrom('\n', '\r\n'),
      end: fc.constantFrom('', '\n\n'),
      first: fc.nat({ max: fields.length }),
      isQuoted: fc.boolean(),
      hasExtra: fc.boolean(),
    })
    .map(({ start, separator, lineEnd, end, first, isQuoted, hasExtra }) => (texts) => {
      const columns = fields.flatMap((field, i) => {
        const text = texts[i];
        return text === undefined ? [] : [[headerOf(field), text] as const];
      });
      // A row of only missing values is an empty line.
      if (hasExtra || columns.every(([, text]) => !/[\p{L}\p{N}\p{P}]/u.test(text)))
        columns.push(['extra', 'something']);
      const ordered = [...columns.slice(first), ...columns.slice(0, first)];
      const cell = (text: string) => (isQuoted || /[",\r\n]|^\s|\s$/.test(text) ? quoted(text) : text);
      const lines = [0, 1].map((part) => ordered.map((column) => cell(column[part] ?? '')).join(separator));
      return start + lines.map((line) => line + lineEnd).join('') + end;
    });
}

function anyJsonWriter({ fields }: Definition): fc.Arbitrary<(texts: Texts) => string> {
  return fc
    .record({
      start: fc.constantFrom('', '\ufeff', '\n'),
      space: fc.constantFrom('', ' ', '\n  '),
      end: fc.constantFrom('', '\n', '\r\n'),
      hasExtra: fc.boolean(),
    })
    .map(({ start, space, end, hasExtra }) => (texts) => {
      const object = (members: readonly string[]) => `{${space}${members.join(`,${space}`)}${space}}`;
      const groups = Map.groupBy(
        fields.flatMap((field, i) =>
          texts[i] === undefined ? [] : [{ path: pathOf(field), text: texts[i] }],
        ),
        ({ path }) => (path.length > 1 ? path[0] : undefined),
      );
      const members = [...groups].flatMap(([parent, values]) => {
        const own = values.map(({ path, text }) => `${JSON.stringify(path.at(-1))}:${space}${text}`);
        return parent === undefined ? own : [`${JSON.stringify(parent)}:${space}${object(own)}`];
      });
      if (hasExtra) members.push('"extra":[1,{"extra":null}]');
      return start + object(members) + end;
    });
}

/** The member names of a JSON pointer (RFC 6901). */
const pathOf = (field: Field): string[] =>
  pointerOf(field)
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
