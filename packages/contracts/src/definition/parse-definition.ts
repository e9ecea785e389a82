import { Compile } from 'typebox/compile';
import { type Definition, keyColumn } from '../dataset/definition.ts';
import { jsonFaults, roundedNumbers } from '../text/json-text.ts';
import { checkDefinition } from './check-definition.ts';
import { draftOf, UNKNOWN_ID, unknownPattern } from './definition-draft.ts';
import { DefinitionError, type DefinitionFault } from './definition-error.ts';
import { DefinitionFile } from './definition-schema.ts';
import { type KeyPattern, keyPatternOf, type PatternProblem, parseKeyPattern } from './key-pattern.ts';
import { structureFaults } from './structure-faults.ts';

/**
 * Parses a definition file, and fills in the defaults.
 *
 * @param file its name, for messages
 * @throws DefinitionError with all faults. A syntax error of the JSON is the only one, because nothing else can be known
 */
export function parseDefinition(text: string, file: string): Definition {
  const json = text.replace(/^\ufeff/, '');
  const duplicates = duplicateMembers(json, file);
  const value: unknown = JSON.parse(json);
  const structure = withRounded(structureFaults(value), json);
  const draft = structure.length === 0 ? value : draftOf(value, structure);
  if (!isDefinitionFile.Check(draft)) throw new DefinitionError(file, [...duplicates, ...structure]);
  const { $schema: _, companions = [], derived = [], statistics = [], ...rest } = draft;
  const definition: Definition = {
    ...rest,
    companions: companions.map(({ column, ...companion }) => ({
      ...companion,
      column: column ?? `${companion.name}_path`,
    })),
    derived,
    statistics,
  };
  const contradictions = [
    ...patternFaults(definition),
    ...checkDefinition(withSoundPatterns(definition)),
  ].filter(({ pointer }) => !structure.some((fault) => isWithin(pointer, fault.pointer)));
  const faults = [...duplicates, ...structure, ...contradictions];
  if (faults.length > 0) throw new DefinitionError(file, faults);
  return definition;
}

/** Adds the numbers that `JSON.parse` has rounded: the definition would mean another number than the file. */
function withRounded(faults: DefinitionFault[], json: string): DefinitionFault[] {
  const rounded = roundedNumbers(json).map(({ pointer, number }) => ({
    pointer,
    message: `${number} would be rounded to ${Number(number)}`,
    hint: 'write at most 15 digits, or an integer up to 9007199254740991',
  }));
  return [
    ...faults,
    ...rounded.filter(({ pointer }) => !faults.some((fault) => isWithin(pointer, fault.pointer))),
  ];
}

const isDefinitionFile = Compile(DefinitionFile);

/** Whether a JSON pointer is that of a value, or of a part of it. */
const isWithin = (pointer: string, value: string): boolean =>
  pointer === value || pointer.startsWith(`${value}/`);

/** Patterns that have another form, or another id than that of the records. */
function patternFaults(definition: Definition): DefinitionFault[] {
  const patterns = [
    { pointer: '/records', pattern: definition.records },
    ...definition.companions.map(({ files }, i) => ({ pointer: `/companions/${i}/files`, pattern: files })),
  ];
  const key = hasForm(definition.records, false) ? keyColumn(definition) : UNKNOWN_ID;
  return patterns.flatMap(({ pointer, pattern }): DefinitionFault[] => {
    const isRecords = pointer === '/records';
    const parsed = parseKeyPattern(pattern, !isRecords);
    const hasOtherKey = key !== UNKNOWN_ID && !isRecords && !namesInBraces(parsed, pattern).includes(key);
    const keyFault = { pointer, message: `must have {${key}}, as the pattern of the records` };
    if ('problem' in parsed) {
      const suggestion = parsed.suggestion === undefined ? '' : `; write ${parsed.suggestion}`;
      const hint = `${pattern} is not a key pattern${suggestion}`;
      return [{ pointer, message: parsed.problem, hint }, ...(hasOtherKey ? [keyFault] : [])];
    }
    if (isRecords && !/\.(?:csv|json)$/.test(pattern))
      return [{ pointer, message: 'does not end in .csv or .json' }];
    return hasOtherKey ? [keyFault] : [];
  });
}

/** The name of the key column in a pattern; of a faulty pattern, all names that could be it. */
const namesInBraces = (parsed: KeyPattern | PatternProblem, pattern: string): string[] =>
  'id' in parsed ? [parsed.id] : [...pattern.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);

const hasForm = (pattern: string, allowsList: boolean): boolean =>
  !('problem' in parseKeyPattern(pattern, allowsList));

/** A definition in which each pattern has the right form. Others are replaced by patterns that match nothing. */
function withSoundPatterns(definition: Definition): Definition {
  const { companions } = definition;
  const extension = definition.records.endsWith('.json') ? 'json' : 'csv';
  const records = hasForm(definition.records, false) ? definition.records : `{${UNKNOWN_ID}}.${extension}`;
  const { id } = keyPatternOf(records);
  return {
    ...definition,
    records,
    companions: companions.map((companion, i) => ({
      ...companion,
      files: hasForm(companion.files, true) ? companion.files : unknownPattern(id, i),
    })),
  };
}

/** @throws DefinitionError when the text is not JSON */
function duplicateMembers(json: string, file: string): DefinitionFault[] {
  const faults = jsonFaults(json).map(({ at, pointer, message }) => ({
    pointer: pointer ?? '',
    message: at ? `line ${at.line}, column ${at.column}: ${message}` : message,
    isSyntax: pointer === undefined,
  }));
  if (faults.some(({ isSyntax }) => isSyntax)) {
    throw new DefinitionError(
      file,
      faults.map(({ pointer, message }) => ({ pointer, message })),
    );
  }
  return faults.map(({ pointer, message }) => ({ pointer, message }));
}
