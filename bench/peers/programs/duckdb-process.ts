import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import fastify from 'fastify';

/** The used part of `@duckdb/node-api`, which is installed only for the benchmark. */
interface DuckDb {
  DuckDBInstance: { create: (file: string) => Promise<{ connect: () => Promise<Connection> }> };
}
interface Connection {
  run: (sql: string) => Promise<unknown>;
  prepare: (sql: string) => Promise<Statement>;
}
interface Statement {
  bindVarchar: (at: number, text: string) => void;
  bindBigInt: (at: number, number: bigint) => void;
  bindInteger: (at: number, number: number) => void;
  runAndReadAll: () => Promise<{ getRowObjectsJS: () => Record<string, unknown>[] }>;
}

/** Births are ms since 1970 UTC, and numbers to JavaScript; the others are texts. */
const COLUMNS = 'user_id, first_name, last_name, birthts::DOUBLE AS birthts, img_path';
/** Concurrent statements: the size of Node's thread pool. */
const AT_ONCE = 4;

/** DuckDB behind Fastify. Arguments: installation folder, output.csv, port. */
const [folder = '', output = '', port = ''] = process.argv.slice(2);
const { DuckDBInstance }: DuckDb = createRequire(path.join(folder, 'package.json'))('@duckdb/node-api');
const instance = await DuckDBInstance.create(':memory:');
const loading = await instance.connect();
await loading.run(`CREATE TABLE users AS FROM read_csv('${output.replaceAll("'", "''")}', header = true, columns = {
  user_id: 'VARCHAR', first_name: 'VARCHAR', last_name: 'VARCHAR', birthts: 'BIGINT', img_path: 'VARCHAR'
})`);

const lanes = await Promise.all(Array.from({ length: AT_ONCE }, openLane));
let requests = 0;

/** A connection with its statements; it runs one at a time. */
async function openLane() {
  const connection = await instance.connect();
  // Rows are stored in insertion order, which is the order of the ids, so no sort is needed.
  const page = await connection.prepare(
    `SELECT ${COLUMNS} FROM users WHERE user_id > $1 AND birthts >= $2 AND birthts < $3 LIMIT $4`,
  );
  const mean = await connection.prepare(
    'SELECT count(*)::DOUBLE AS count, avg(birthts) AS mean FROM users WHERE birthts >= $1 AND birthts < $2',
  );
  return { page, mean, last: Promise.resolve() };
}

/** Round robin over the connections; each runs one statement at a time. */
async function inTurn<Answer>(work: (lane: Awaited<ReturnType<typeof openLane>>) => Promise<Answer>) {
  const lane = lanes[requests++ % lanes.length] ?? (await openLane());
  const answer = lane.last.then(() => work(lane));
  lane.last = answer.then(
    () => undefined,
    () => undefined,
  );
  return await answer;
}

interface Bounds {
  from: string;
  before: string;
}

const userSchema = {
  type: 'object',
  properties: {
    user_id: { type: 'string' },
    first_name: { type: 'string' },
    last_name: { type: 'string' },
    birthts: { type: 'integer' },
    img_path: { type: 'string', nullable: true },
  },
};
const pageSchema = { response: { 200: { type: 'array', items: userSchema } } };

const app = fastify();
app.get('/ready', async () => 'ready');

app.get<{ Querystring: Bounds & { after: string; limit: string } }>(
  '/page',
  { schema: pageSchema },
  ({ query: { after, from, before, limit } }) =>
    inTurn(async ({ page }) => {
      page.bindVarchar(1, after);
      page.bindBigInt(2, BigInt(from));
      page.bindBigInt(3, BigInt(before));
      page.bindInteger(4, Number(limit));
      return (await page.runAndReadAll()).getRowObjectsJS();
    }),
);

app.get<{ Querystring: Bounds }>('/mean', ({ query: { from, before } }) =>
  inTurn(async ({ mean }) => {
    mean.bindBigInt(1, BigInt(from));
    mean.bindBigInt(2, BigInt(before));
    return (await mean.runAndReadAll()).getRowObjectsJS()[0];
  }),
);

// DuckDB writes JSON into files faster than its rows become JavaScript's.
app.get('/all', async (_request, reply) => {
  const file = path.join(folder, `${randomUUID()}.json`);
  await loading.run(`COPY users TO '${file.replaceAll("'", "''")}' (FORMAT json, ARRAY true)`);
  const stream = fs.createReadStream(file);
  stream.on('close', () => fs.rmSync(file));
  return reply.type('application/json; charset=utf-8').send(stream);
});

await app.listen({ host: '127.0.0.1', port: Number(port) });
