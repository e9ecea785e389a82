/** Values of query parameters, by name, as the API takes them. @typedef {Readonly<Record<string, readonly string[]>>} Values */

/**
 * A query parameter.
 *
 * @typedef {object} Parameter
 * @property {string} name
 * @property {boolean} isRepeatable
 * @property {(text: string) => string | undefined} read returns the value as it is written in the address; undefined when it is invalid
 */

/** Texts of input fields, by name. @typedef {Readonly<Record<string, string>>} Typed */

/**
 * A filter by what is typed into input fields.
 *
 * @typedef {object} TypedFilter
 * @property {'text' | 'range' | 'days'} control
 * @property {readonly { name: string, label: string, length: number, placeholder: string, hint: string }[]} inputs length in characters
 * @property {(values: Values) => Typed} write the texts of the inputs
 * @property {(typed: Typed) => Values | string} parse the values of its parameters, or what is wrong
 */

/**
 * A filter by choosing from options.
 *
 * @typedef {object} ChoiceFilter
 * @property {'choices' | 'switch'} control several options, or one of a few
 * @property {string} parameter
 * @property {readonly { label: string, value: string | undefined }[]} options undefined: any
 */

/**
 * A filter of the page.
 *
 * @typedef {(TypedFilter | ChoiceFilter) & {
 *   name: string,
 *   label: string,
 *   isFacet: boolean,
 *   parameters: readonly Parameter[],
 *   presence: string | undefined,
 *   fault: (values: Values) => string | undefined,
 * }} Filter
 * `isFacet`: it divides the rows into few groups, so that it is shown first. `presence`: the parameter for missing values.
 * `fault`: why its values contradict each other.
 */

/** No contradiction is possible. */
export const noFault = () => undefined;

/** @type {(text: string) => string | undefined} */
const readBoolean = (text) => (/^(?:true|false)$/i.test(text) ? text.toLowerCase() : undefined);

/** A parameter with `true` or `false`. @type {(name: string) => Parameter} */
export const booleanParameter = (name) => ({ name, isRepeatable: false, read: readBoolean });

/** The values of a parameter. A name may be that of a member of all objects. @type {(values: Values, name: string) => readonly string[]} */
export const allOf = (values, name) => (Object.hasOwn(values, name) ? (values[name] ?? []) : []);

/** The first value of a parameter. @type {(values: Values, name: string) => string | undefined} */
export const firstOf = (values, name) => allOf(values, name)[0];

/** One value, or none for undefined. @type {(name: string, value: string | undefined) => Values} */
export const oneValue = (name, value) => (value === undefined ? {} : { [name]: [value] });

/** Adds the parameter for missing values. @type {(filter: Filter, field: { name: string, optional?: boolean }) => Filter} */
export function withPresence(filter, { name, optional }) {
  if (!optional) return filter;
  const presence = `is_${name}_exists`;
  return { ...filter, presence, parameters: [...filter.parameters, booleanParameter(presence)] };
}
