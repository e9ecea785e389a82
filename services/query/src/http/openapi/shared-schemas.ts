import { isDeepStrictEqual } from 'node:util';

/** A part of the document. */
type Json = Record<string, unknown>;

/** Characters of a component's name. */
const COMPONENT_NAME = /^[\w.-]+$/;

/**
 * Moves every schema with a title to `components.schemas` and refers to it, so that generated clients have a type of that name. Of
 * different schemas with the same title, the first is moved; the others stay where they are.
 *
 * @param document OpenAPI or AsyncAPI, without shared schemas
 */
export function shareSchemas<Document extends { components?: object }>(document: Document): Document {
  const shared = new Map<string, unknown>();

  function share(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(share);
    if (typeof value !== 'object' || value === null) return value;
    const members: [string, unknown][] = Object.entries(value);
    const copy: Json = Object.fromEntries(members.map(([name, member]) => [name, shareMember(name, member)]));
    const { title } = copy;
    if (typeof title !== 'string' || !COMPONENT_NAME.test(title) || !isSchema(copy)) return copy;
    if (!shared.has(title)) shared.set(title, copy);
    return isDeepStrictEqual(shared.get(title), copy) ? { $ref: `#/components/schemas/${title}` } : copy;
  }

  // An example may have the form of a schema.
  const shareMember = (name: string, member: unknown) => (/^examples?$/.test(name) ? member : share(member));

  const copy: { components?: object } = Object(share(document));
  const components = { ...copy.components, schemas: Object.fromEntries(shared) };
  return { ...document, ...copy, components };
}

const isSchema = ({ type, anyOf }: Json): boolean => type !== undefined || anyOf !== undefined;
