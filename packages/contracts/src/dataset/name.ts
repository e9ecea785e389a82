/**
 * Form of all names in a definition: lower-case letters, digits and single underscores. Such a name is safe in SQL, in generated code
 * and in addresses. `__proto__` is not one.
 */
export const NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/** Maximum length of a name in a definition, characters. */
export const MAX_NAME_LENGTH = 40;
