/**
 * Prints each new generation, as NATS announces it. The messages are described in docs/asyncapi.yaml.
 *
 *     NATS_URL=nats://127.0.0.1:4222 NATS_USER=query NATS_PASSWORD=… npx pnpm@12.21.0 exec node examples/nats-subscriber.ts
 */
import { connect } from 'nats';

const { NATS_URL: servers = 'nats://127.0.0.1:4222', NATS_USER: user, NATS_PASSWORD: pass } = process.env;
// It reconnects by itself, forever. A message that is published meanwhile does not come again: the next one tells the newest state.
const connection = await connect({
  servers,
  ...(user === undefined ? {} : { user, pass: pass ?? '' }),
  maxReconnectAttempts: -1,
});
const subscription = connection.subscribe('dataset.updated');
// The server knows of the subscription now.
await connection.flush();
console.log('listening');

for await (const message of subscription) {
  const { data } = message.json<{
    data: { generation: number; rows: number; counts: { added: number } | null };
  }>();
  console.log(`generation ${data.generation}: ${data.rows} rows, ${data.counts?.added ?? '?'} added`);
}
