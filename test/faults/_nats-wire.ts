import { once } from 'node:events';
import net from 'node:net';
import type { TestNats } from '@landfall/test-servers/nats-server';

/**
 * Sends messages in NATS's text protocol, without the client of the services.
 *
 * @param messages subject and text each; each is sent as a request, so that JetStream's API takes it as well
 * @param replies how many replies of JSON to wait for
 * @returns what came back, in the text of the protocol
 * @see https://docs.nats.io/reference/reference-protocols/nats-protocol
 */
export async function sendToNats(
  nats: TestNats,
  messages: readonly [string, string][],
  replies = 0,
): Promise<string> {
  const { hostname, port } = new URL(nats.url);
  const socket = net.connect(Number(port), hostname);
  await once(socket, 'connect');
  const options = { verbose: false, user: nats.user, pass: nats.password };
  socket.write(`CONNECT ${JSON.stringify(options)}\r\nSUB _INBOX.faults 1\r\n`);
  for (const [subject, text] of messages) {
    socket.write(`PUB ${subject} _INBOX.faults ${Buffer.byteLength(text)}\r\n${text}\r\n`);
  }
  // The server answers the ping after it has taken what was sent before.
  socket.write('PING\r\n');
  let answer = '';
  for await (const chunk of socket) {
    answer += chunk;
    if (answer.includes('PONG\r\n') && answer.split('}\r\n').length > replies) break;
  }
  socket.destroy();
  return answer;
}
