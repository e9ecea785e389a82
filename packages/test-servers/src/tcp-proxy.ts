import { once } from 'node:events';
import net from 'node:net';

/** A TCP proxy that can interrupt connections like a network. */
export interface TcpProxy {
  port: number;
  /** Stops forwarding on all open connections without closing them, as if the peer had vanished. */
  freeze: () => void;
  /** Closes all connections. */
  cut: () => void;
  stop: () => Promise<void>;
}

/** @param port of the server, on the loopback interface */
export async function startTcpProxy(port: number): Promise<TcpProxy> {
  const pairs = new Set<[net.Socket, net.Socket]>();
  const server = net.createServer((client) => {
    const upstream = net.connect(port, '127.0.0.1');
    const pair: [net.Socket, net.Socket] = [client, upstream];
    pairs.add(pair);
    client.pipe(upstream).pipe(client);
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        for (const each of pair) each.destroy();
        pairs.delete(pair);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cut = () => {
    for (const socket of [...pairs].flat()) socket.destroy();
  };
  return {
    port: address.port,
    freeze() {
      for (const socket of [...pairs].flat()) socket.unpipe().pause();
    },
    cut,
    async stop() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
