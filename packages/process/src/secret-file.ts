import fs from 'node:fs';

/** Maximum size of a secret's file, bytes. */
const MAX_BYTES = 64 * 1024;

/** A secret setting: its text, undefined when it is not set, or why it cannot be read. */
type Secret = { text: string | undefined } | { fault: string };

/**
 * Reads a secret from the environment variable `name`, or from the file that `<name>_FILE` names, as the secrets of Docker and
 * Kubernetes are. One line end at the end of the file is not part of the secret. An empty variable is not set.
 *
 * @returns a fault when both variables are set, or the file cannot be used; it never contains the secret
 */
export function readSecret(name: string, env: NodeJS.ProcessEnv): Secret {
  const [text, file] = [env[name] || undefined, env[`${name}_FILE`] || undefined];
  if (file === undefined) return { text };
  if (text !== undefined) return { fault: `${name} and ${name}_FILE are both set: set one of the two` };
  const fault = (why: string) => ({ fault: `${name}_FILE is ${JSON.stringify(file)}, which ${why}` });
  try {
    // Opening a named pipe would wait for its writer.
    const stats = fs.statSync(file);
    if (!stats.isFile()) return fault('is not a file');
    if (stats.size > MAX_BYTES) return fault(`is larger than ${MAX_BYTES / 1024} KiB`);
    const secret = new TextDecoder('utf-8', { fatal: true })
      .decode(fs.readFileSync(file))
      .replace(/\r?\n$/, '');
    if (secret === '') return fault('is empty');
    if (/[\r\n\0]/.test(secret)) return fault('has more than one line');
    return { text: secret };
  } catch (error) {
    if (error instanceof TypeError) return fault('is not UTF-8');
    return fault(`can't be read: ${error instanceof Error ? error.message : error}`);
  }
}
