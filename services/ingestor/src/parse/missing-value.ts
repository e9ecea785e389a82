import { type Definition, missingTexts } from '@landfall/contracts/dataset/definition';
import { toNfc } from '@landfall/contracts/text/nfc';
import { isBlank } from './visible-text.ts';

/** Returns a test whether a text, without blanks around it, means that a value is missing. */
export function missingTest(definition: Definition): (text: string) => boolean {
  const others = new Set(missingTexts(definition).filter((text) => text !== ''));
  return others.size === 0 ? isBlank : (text) => isBlank(text) || others.has(toNfc(text));
}
