/** An OpenAPI document as the service answers it, with every reference replaced by what it refers to. */
// biome-ignore lint/suspicious/noExplicitAny: JSON that the tests read.
export function withoutRefs(document: any): any {
  const replace = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== 'object' || value === null) return value;
    const { $ref } = value as { $ref?: string };
    if ($ref !== undefined) return replace(document.components.schemas[$ref.split('/').at(-1) ?? '']);
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, replace(member)]));
  };
  return replace(document);
}
