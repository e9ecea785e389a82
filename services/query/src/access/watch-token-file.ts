import fs from 'node:fs/promises';

/** Between two reads of the file, ms. A change is effective within this time. */
const READ_EVERY_MS = 1_000;
/** Bytes of a token file. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads a token file.
 *
 * @throws Error with the reason, without the content
 */
export async function readTokenFile(file: string): Promise<string> {
  const handle = await fs.open(file);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error('it is not a regular file');
    if (stats.size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/**
 * Reads a token file every second, and on SIGHUP. Reading a small file is cheaper than to tell a change from its metadata on
 * every file system: editors replace files, and orchestrators replace links.
 *
 * @param read reads the file and uses what it has; does not throw
 * @returns a function that stops it
 */
export function watchTokenFile(read: (why: 'interval' | 'signal') => Promise<void>): () => void {
  let pending = 0;
  let queue = Promise.resolve();
  const enqueue = (why: 'interval' | 'signal') => {
    pending++;
    queue = queue.then(() => read(why)).finally(() => pending--);
  };
  const onInterval = () => {
    // A file system that hangs must not make a queue.
    if (pending === 0) enqueue('interval');
  };
  const onSignal = () => {
    if (pending < 2) enqueue('signal');
  };
  const timer = setInterval(onInterval, READ_EVERY_MS).unref();
  process.on('SIGHUP', onSignal);
  return () => {
    clearInterval(timer);
    process.off('SIGHUP', onSignal);
  };
}
