import { MAX_NAME_LENGTH } from '@landfall/contracts/dataset/name';

/**
 * Makes a name of the form that definitions have from any text.
 *
 * @param fallback when no letter of the text can be used
 */
export function toName(text: string, fallback: string, maxLength: number = MAX_NAME_LENGTH): string {
  const name = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+/, '')
    .slice(0, maxLength)
    .replace(/_+$/, '');
  return name === '' ? fallback : name;
}

/** Gives names that occur twice an ending. */
export function uniquelyNamed<Named extends { readonly name: string }>(all: readonly Named[]): Named[] {
  const known = new Set<string>();
  return all.map((each) => {
    let name = each.name;
    for (let i = 2; known.has(name); i++) name = `${toName(each.name, 'x', MAX_NAME_LENGTH - 4)}_${i}`;
    known.add(name);
    return name === each.name ? each : { ...each, name };
  });
}
