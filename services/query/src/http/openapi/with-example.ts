/** A response in the schema of a route: a schema of its body, or media types with a schema each. */
export interface ResponseSchema {
  type?: string;
  title?: string;
  description?: string;
  content?: Record<string, object>;
}

/** Example bodies of a response, by media type. */
export type Examples = Readonly<Record<string, unknown>>;

/** Adds examples to a response. A body that has no media type in the route's schema is JSON. */
export function withExample(response: ResponseSchema, examples: Examples): ResponseSchema {
  if (response.type === 'null') return response;
  const { description = response.title ?? 'The answer' } = response;
  const types = response.content ?? { 'application/json': { schema: response } };
  const content = Object.entries(types).map(([type, media]) => [
    type,
    type in examples ? { ...media, example: examples[type] } : media,
  ]);
  return { description, content: Object.fromEntries(content) };
}
