import { once } from 'node:events';
import net from 'node:net';
import type { Test } from 'tap';

/** A response that was read from a socket. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export type Raw = Awaited<ReturnType<typeof connect>>;

/** A connection that sends raw bytes and reads responses with a Content-Length. */
export async function connect(t: Test, address: string) {
  const { hostname, port } = new URL(address);
  const socket = net.connect({ host: hostname, port: Number(port) });
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined);
  let read = Buffer.alloc(0);
  let wake = (): void => undefined;
  let isClosed = false;
  socket.on('data', (chunk) => {
    read = Buffer.concat([read, chunk]);
    wake();
  });
  socket.on('close', () => {
    isClosed = true;
    wake();
  });
  await once(socket, 'connect');

  function take(isHead: boolean): RawAnswer | undefined {
    const end = read.indexOf('\r\n\r\n');
    if (end === -1) return undefined;
    const [status = '', ...lines] = read.toString('latin1', 0, end).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const start = end + 4;
    const length = isHead ? 0 : Number(headers['content-length'] ?? 0);
    if (read.length < start + length) return undefined;
    const body = read.toString('utf8', start, start + length);
    read = read.subarray(start + length);
    return { status: Number(status.split(' ')[1]), headers, body };
  }

  return {
    socket,
    send: (text: string): boolean => socket.write(text),
    /** The next response; undefined when the connection closes before its end. */
    async next({ isHead = false } = {}): Promise<RawAnswer | undefined> {
      for (;;) {
        const answer = take(isHead);
        if (answer || isClosed) return answer;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    /** Waits until the server has closed the connection. Returns the received text that was not read as a response. */
    async closed(): Promise<string> {
      if (!isClosed) await once(socket, 'close');
      return read.toString();
    },
  };
}

/** A minimal request for a path. */
export const get = (path: string, headers = ''): string =>
  `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n`;

/** The code of a problem body. */
export const codeOf = (answer: RawAnswer | undefined): string => JSON.parse(answer?.body ?? '{}').code;
