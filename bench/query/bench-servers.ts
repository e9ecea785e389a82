import fs from 'node:fs';
import path from 'node:path';
import { type Manifest, parseManifest } from '@landfall/contracts/dataset/manifest';
import { PROCESSED } from '../data/source-directory.ts';
import { openClient } from './client.ts';
import { LIMIT } from './requests.ts';
import { type Server, startServer } from './server.ts';

/** Landfall and its ceilings in separate processes over the same data. */
export interface BenchServers {
  /** Folder for temporary files. */
  folder: string;
  root: string;
  manifest: Manifest;
  landfall: Server;
  bare: Server;
  stop: () => Promise<void>;
}

/** Formats of the full streams. */
export const FORMATS = ['json', 'ndjson', 'csv'] as const;

/** @param root with a published data set */
export async function startBenchServers(root: string, folder: string): Promise<BenchServers> {
  const landfall = await startServer({ serve: 'query', root, stateDir: path.join(folder, 'state') });
  const client = openClient(landfall.address);
  const answer = async (name: string, target: string) => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, await client.read(target));
    return file;
  };
  const page = await answer('page', `/data?limit=${LIMIT}`);
  const tiny = await answer('tiny', '/stats?min_age=18');
  const streams: Record<string, string> = {};
  for (const format of FORMATS) streams[format] = await answer(format, `/data?format=${format}`);
  await client.close();
  const bare = await startServer({ serve: 'bare', page, tiny, streams });
  const manifest = parseManifest(fs.readFileSync(path.join(root, PROCESSED, 'manifest.json')));
  return {
    folder,
    root,
    manifest,
    landfall,
    bare,
    async stop() {
      await bare.stop();
      await landfall.stop();
    },
  };
}
