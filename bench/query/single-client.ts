import { once } from 'node:events';
import net from 'node:net';

/** Size of the receive buffer, bytes. */
const BUFFER = 256 * 1024;
const HEAD_ENDS = '\r\n\r\n';
const LENGTH = /^content-length: (\d+)$/im;

export type SingleClient = Awaited<ReturnType<typeof openSingleClient>>;

/**
 * A client that sends requests in sequence over one connection. It reads into one buffer and allocates almost nothing: garbage
 * collections of the client would count as time of the server.
 */
export async function openSingleClient(address: string) {
  const { hostname, port } = new URL(address);
  let hear: (chunk: Buffer) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const socket = net.connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    onread: {
      buffer: Buffer.alloc(BUFFER),
      callback(bytes, buffer) {
        hear(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
        return true;
      },
    },
  });
  await once(socket, 'connect');
  socket.on('error', (error) => fail(error));
  socket.on('close', () => fail(new Error('the server closed the connection')));

  /** @returns how long it took, ms */
  function ask(path: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const start = performance.now();
      /** Size of the body, bytes; unknown until the headers arrive. */
      let left: number | undefined;
      hear = (chunk) => {
        if (left === undefined) {
          // The headers arrive at once: they are smaller than a packet.
          const end = chunk.indexOf(HEAD_ENDS);
          const head = chunk.toString('latin1', 0, end);
          const length = LENGTH.exec(head)?.[1];
          if (!head.startsWith('HTTP/1.1 200') || length === undefined) {
            reject(new Error(`${path}: ${head}`));
            return;
          }
          left = Number(length) - (chunk.length - end - HEAD_ENDS.length);
        } else left -= chunk.length;
        if (left === 0) resolve(performance.now() - start);
      };
      fail = reject;
      socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`, 'latin1');
    });
  }

  return {
    ask,
    /** Sends requests in sequence. @returns ms of each */
    async each(paths: readonly string[]): Promise<number[]> {
      const ms: number[] = [];
      for (const path of paths) ms.push(await ask(path));
      return ms;
    },
    close(): void {
      socket.destroy();
    },
  };
}
