import fs from 'node:fs';
import { USERS } from '@landfall/contracts/dataset/users';
import { filterParameters } from '@landfall/query/http/request/filter-parameters';
import t from 'tap';
import { tableRows } from '../../../test/_markdown.ts';
import { withoutRefs } from '../../../test/_openapi.ts';
import { HEADER, makeApi } from './_api.ts';

const README = fs.readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

const ANSWERS =
  /^(application\/json|application\/x-ndjson|text\/csv|text\/html|image\/\*|text\/event-stream|text\/plain)$/;
const DATA_PARAMETERS = [
  'sort',
  'limit',
  'cursor',
  'count',
  'format',
  'excel',
  'generation',
  'min_generation',
];

interface Operation {
  operationId: string;
  summary: string;
  parameters?: { name: string; in: string; schema: object }[];
  responses: Record<string, { content?: Record<string, { schema: JsonSchema; example?: unknown }> }>;
}
interface JsonSchema {
  type?: string;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

t.test('the OpenAPI document describes every route, parameter and answer', async (t) => {
  const api = await makeApi(t);
  api.put('1.csv', `${HEADER}Ada, Lovelace, 5\n`);
  api.put('2.csv', 'broken');
  await api.ingest();
  const { text } = await api.ask('/openapi.json');
  const { openapi, paths }: { openapi: string; paths: Record<string, Record<string, Operation>> } =
    withoutRefs(JSON.parse(text));
  t.equal(openapi, '3.1.0');

  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const documented = tableRows(README, 'API').map(([route = '']) => route.replaceAll('`', ''));
  t.same([...described, 'GET /docs', 'GET /openapi.json'].sort(), documented.sort(), 'as the README has it');

  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { operationId, summary, responses }] of Object.entries(methods)) {
      t.ok(operationId && summary, `${method} ${path}`);
      for (const [status, { content = {} }] of Object.entries(responses)) {
        const what = `${method} ${path} ${status}`;
        const types = Object.keys(content);
        t.equal(types.length === 0, status === '304', `${what}: only what one has already has no body`);
        for (const [type, { example }] of Object.entries(content))
          t.ok(example !== undefined || /^(?:image|text.html)/.test(type), `${what} has an example`);
        for (const type of types) t.match(type, Number(status) < 300 ? ANSWERS : /problem\+json/, what);
      }
    }
  }
  const names = paths['/data']?.get?.parameters?.map(({ name }) => name);
  t.same(names, [...Object.keys(filterParameters(USERS)), ...DATA_PARAMETERS]);
  const read = tableRows(README, 'Query parameters').map(([name = '']) => name.replaceAll('`', ''));
  t.same(read.sort(), [...(names ?? []), 'histogram'].sort(), 'and the README has the same');

  api.put('1.csv', `${HEADER}Ada, Lovelace, 6\n`);
  const { run_id } = JSON.parse((await api.ask('/data', { method: 'POST' })).text);
  for (const [path, target, method] of [
    ['/data', '/data', 'get'],
    ['/data', '/data', 'post'],
    ['/data/{user_id}', '/data/1', 'get'],
    ['/stats', '/stats', 'get'],
    ['/stats', '/stats?histogram=true', 'get'],
    ['/generations', '/generations', 'get'],
    ['/changes', '/changes?since=1', 'get'],
    ['/rejects', '/rejects', 'get'],
    ['/runs', '/runs', 'get'],
    ['/runs/{run_id}', `/runs/${run_id}`, 'get'],
    ['/healthz', '/healthz', 'get'],
    ['/readyz', '/readyz', 'get'],
    ['/status', '/status', 'get'],
  ] as const) {
    const schema = paths[path]?.[method]?.responses['200']?.content?.['application/json']?.schema;
    const { json } = await api.ask(target, { method: method.toUpperCase() });
    t.same(faults(schema ?? {}, json, target), [], `${method} ${target} answers as described`);
    t.ok(schema?.type ?? schema?.anyOf, `${method} ${target} is described`);
  }
  t.equal((await api.ask('/docs/')).status, 200);
});

/** What of a value is not as a JSON schema has it, of the keywords this API uses. */
function faults(schema: JsonSchema, value: unknown, at: string): string[] {
  if (schema.anyOf)
    return schema.anyOf.some((each) => faults(each, value, at).length === 0) ? [] : [`${at}: none of anyOf`];
  if (schema.enum && !schema.enum.includes(value)) return [`${at}: ${value} is not in the enum`];
  if (schema.type === 'array') {
    const { items = {} } = schema;
    return Array.isArray(value)
      ? value.flatMap((item, i) => faults(items, item, `${at}/${i}`))
      : [`${at}: no array`];
  }
  if (schema.type === 'object') {
    if (typeof value !== 'object' || value === null) return [`${at}: no object`];
    const members = new Map<string, unknown>(Object.entries(value));
    const missing = (schema.required ?? [])
      .filter((name) => !members.has(name))
      .map((name) => `${at}: no ${name}`);
    const unknown = [...members.keys()]
      .filter((name) => !schema.properties?.[name])
      .map((name) => `${at}: ${name}`);
    const inner = [...members].flatMap(([name, member]) =>
      faults(schema.properties?.[name] ?? {}, member, `${at}/${name}`),
    );
    return [...missing, ...unknown, ...inner];
  }
  const types: Record<string, boolean> = {
    string: typeof value === 'string',
    boolean: typeof value === 'boolean',
    integer: Number.isInteger(value),
    number: typeof value === 'number',
    null: value === null,
  };
  return schema.type === undefined || types[schema.type] ? [] : [`${at}: no ${schema.type}`];
}
