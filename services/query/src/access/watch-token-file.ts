import { constants } from 'node:fs';
import fs from 'node:fs/promises';

/** Between two reads of the file, ms. A change is effective within this time. */
const READ_EVERY_MS = 1_000;
/** Bytes of a token file. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads a token file.
 *
 * @throws Error with the reason, without the content and the path
 */
export async function readTokenFile(file: string): Promise<string> {
  try {
    return await read(file);
  } catch (error) {
    // The text of an error of the file system has the path.
    const code = error instanceof Error && 'code' in error ? REASONS[String(error.code)] : undefined;
    throw code === undefined ? error : new Error(code, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: `the service may not read it; its user is ${process.getuid?.()}`,
  ENAMETOOLONG: 'the name is too long',
  ENOTDIR: 'a part of its path is not a folder',
};

async function read(file: string): Promise<string> {
  // Without O_NONBLOCK, opening a named pipe waits for its writer, and keeps the process from ending.
  const handle = await fs.open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error('it is not a regular file');
    if (stats.size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** The permission of all users to read a file. */
const READABLE_BY_ALL = 0o004;

/**
 * The mode of a file that all users of the machine can read, as `chmod` takes it; undefined for another one, and where files have no
 * such mode. The lines of a token file have the keys of sessions, though not the tokens.
 */
export async function modeReadableByAll(file: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  const { mode } = await fs.stat(file);
  return mode & READABLE_BY_ALL ? (mode & 0o777).toString(8) : undefined;
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
