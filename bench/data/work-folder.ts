import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Does some work in a folder that is made for it, and is gone with all that is in it when the work is over. */
export async function inWorkFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-bench-'));
  try {
    await work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
