/** A name of the definition as words: `first_name` is `first name`. @type {(name: string) => string} */
export const wordsOf = (name) => name.replaceAll('_', ' ');

/** @type {(text: string) => string} */
export const capitalized = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** A name as a label: `first_name` is `First name`. @type {(name: string) => string} */
export const labelOf = (name) => capitalized(wordsOf(name));

/** With the indefinite article: `an image`, `a scan`. @type {(words: string) => string} */
export const withArticle = (words) => `${/^[aeio]/i.test(words) ? 'an' : 'a'} ${words}`;
