import fs from 'node:fs';
import path from 'node:path';
import { openClient } from '../query/client.ts';
import { usersIn } from './answers.ts';
import { peakMemoryMb } from './peak-memory.ts';
import type { Installed, Peer, Published, Serving, Target } from './peer.ts';
import { pageQueries } from './peer-requests.ts';

/** A running program with its start measurements. */
export interface Contender {
  name: string;
  version: string;
  serving: Serving;
  ask: (target: Target) => Promise<Buffer>;
  /** Requests all rows and discards them. */
  askForAll: () => Promise<{ ms: number; bytes: number }>;
  /** From the file to the first answer, ms. */
  loadMs: number;
  /** Peak memory until then. */
  loadMb: number;
  stop: () => Promise<void>;
}

/**
 * Starts a program and requests a page.
 *
 * @throws Error when it does not serve, or answers no rows
 */
export async function startContender(
  peer: Peer,
  installed: Installed,
  published: Published,
): Promise<Contender> {
  const start = performance.now();
  const serving = await installed.start(published);
  const client = openClient(serving.address);
  const ask = ({ path, body }: Target) => client.read(path, body);
  const stop = async () => {
    await client.close();
    await serving.stop();
  };
  try {
    for (const query of pageQueries(published.manifest.rows, 1, 1)) usersIn(await ask(serving.page(query)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: peer.name,
    version: installed.version,
    serving,
    ask,
    askForAll: () => client.ask(serving.all.path),
    loadMs: performance.now() - start,
    loadMb: peakMemoryMb(serving.pid),
    stop,
  };
}

/** Installs a program into its own folder. */
export async function installPeer(peer: Peer, folder: string): Promise<Installed> {
  const own = path.join(folder, peer.name.toLowerCase());
  fs.mkdirSync(own);
  return await peer.install(own);
}
