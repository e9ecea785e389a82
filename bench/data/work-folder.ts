import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Runs `work` with a temporary folder, and removes the folder afterwards. */
export async function inWorkFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-bench-'));
  try {
    await work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
