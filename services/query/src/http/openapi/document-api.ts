import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { VERSION } from '@landfall/process/version';
import type { Access } from '../../access/access.ts';
import { describeAccess, securitySchemes } from '../access/openapi-access.ts';
import type { Scope } from '../fastify-scope.ts';
import { DOCS_POLICY } from '../origin/security-headers.ts';
import { NoQuery } from '../request/query-string.ts';
import { exampleAnswers } from './example-answers.ts';
import { shareSchemas } from './shared-schemas.ts';
import { type ResponseSchema, withExample } from './with-example.ts';

const TAGS = [
  { name: 'data', description: 'Rows, their files, statistics, and the generations that they belong to.' },
  { name: 'runs', description: 'Runs of the ingestor: request one, follow its progress, read its report.' },
  { name: 'health', description: 'Probes, and the conditions that need attention.' },
  { name: 'dashboard', description: 'The web page.' },
];

/** Adds `/docs` and `/openapi.json`: an OpenAPI 3.1 document out of the schemas of the routes. */
export async function documentApi(
  app: Scope,
  definition: Definition,
  access: Access | undefined,
): Promise<void> {
  const examples = exampleAnswers(definition);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Landfall',
        version: VERSION,
        description: 'Files land in a bucket; seconds later they are an API.',
        license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
      },
      servers: [{ url: '/', description: 'The service that sent this document' }],
      tags: TAGS,
      security: [],
      ...(access && { components: { securitySchemes } }),
    },
    transform({ schema, url, route }) {
      const described = access && describeAccess(String(route.method), url, access.isReadPublic);
      const responses: Record<string, ResponseSchema> = {
        ...Object(schema?.response),
        ...described?.response,
      };
      const response = Object.entries(responses).map(([status, each]) => [
        status,
        withExample(each, examples(String(schema?.operationId), status)),
      ]);
      const security = described && { security: described.security };
      return { schema: { ...schema, ...security, response: Object.fromEntries(response) }, url };
    },
    transformObject: (document) => ('openapiObject' in document ? shareSchemas(document.openapiObject) : {}),
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: DOCS_POLICY });
  app.get('/openapi.json', { schema: { hide: true, querystring: NoQuery } }, () => app.swagger());
}
