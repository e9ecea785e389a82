import type { Definition } from '../dataset/definition.ts';
import { oncePer } from '../once-per.ts';
import { countPassedOver, isPassedOver } from '../text/passed-over.ts';
import { type KeyMatch, type KeyPattern, keyMatcher, keyPatternOf } from './key-pattern.ts';

/** Tests a key of the source bucket, or a folder in it. */
export type KeyTest = (key: string) => boolean;

/** A character that stands for a wildcard or the id. Keys cannot contain it. */
const WILDCARD = '\0';

/** The whole segments of a pattern that are literal names of tools' folders or files. */
export const namesOfTools = (pattern: KeyPattern): string[] =>
  segmentsOf(pattern).filter((segment) => !segment.includes(WILDCARD) && isPassedOver(segment));

/** Whether all keys of a pattern are passed over: a segment with a wildcard or the id begins as a name of a tool. */
export const isAlwaysPassedOver = (pattern: KeyPattern): boolean =>
  segmentsOf(pattern).some((segment) => segment.includes(WILDCARD) && isPassedOver(segment));

function segmentsOf({ parts, extensions }: KeyPattern): string[] {
  const shape = parts
    .map((part) => (part.kind === 'text' ? part.text : part.kind === 'segments' ? `${WILDCARD}/` : WILDCARD))
    .join('');
  return `${shape}.${extensions[0]}`.split('/');
}

/**
 * Compiles a pattern to a matcher whose wildcards and id match no name of a tool: only its literal segments do. As many such names as
 * the pattern has are matched by these, so a key with more of them has one in a wildcard.
 */
export function matcherOfNamed(pattern: KeyPattern): (key: string) => KeyMatch | undefined {
  const match = keyMatcher(pattern);
  const { length: count } = namesOfTools(pattern);
  return (key) => {
    const found = match(key);
    return found && countPassedOver(key) === count ? found : undefined;
  };
}

/** The patterns of a definition that name a tool's folder or file. */
const namingPatterns = ({ records, companions }: Definition): KeyPattern[] =>
  [records, ...companions.map(({ files }) => files)]
    .map(keyPatternOf)
    .filter((pattern) => namesOfTools(pattern).length > 0);

/**
 * Returns the test whether a key is passed over: it has a name of a tool, and no pattern that names the same one fits it. It is made
 * once per definition.
 */
export const passedOverTest = oncePer((definition: Definition): KeyTest => {
  const matchers = namingPatterns(definition).map(matcherOfNamed);
  if (matchers.length === 0) return isPassedOver;
  return (key) => isPassedOver(key) && matchers.every((match) => match(key) === undefined);
});

/**
 * Makes the test whether a folder, with all that is in it, is passed over: it has a name of a tool that no pattern has. Make it once
 * per definition.
 */
export function passedOverFolderTest(definition: Definition): KeyTest {
  const named = new Set(namingPatterns(definition).flatMap(namesOfTools));
  if (named.size === 0) return isPassedOver;
  return (folder) => folder.split('/').some((segment) => isPassedOver(segment) && !named.has(segment));
}
