import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';

/** The unprivileged user `nobody`. */
const NOBODY = 65_534;

/**
 * Drops root's file permissions for the rest of this process, in all threads: root can read everything.
 *
 * @throws Error when they cannot be dropped: the tests would test nothing
 */
export function dropPrivileges(t: Test): void {
  const { getuid, seteuid, setegid, setgroups } = process;
  if (!getuid || !seteuid || !setegid || !setgroups) throw new Error('this system has no user ids');
  if (getuid() === 0) {
    const [groups, group] = [process.getgroups?.() ?? [], process.getgid?.() ?? 0];
    setgroups([]);
    setegid(NOBODY);
    seteuid(NOBODY);
    t.teardown(() => {
      seteuid(0);
      setegid(group);
      setgroups(groups);
    });
  }
  const folder = makeRoot(t);
  fs.chmodSync(folder, 0);
  t.throws(() => fs.readdirSync(folder), { code: 'EACCES' }, 'rights are checked');
}

/** Makes a temporary folder that belongs to the current user. */
export function makeRoot(t: Test): string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-'));
  t.teardown(() => {
    makeReadable(root);
    fs.rmSync(root, { recursive: true });
  });
  return root;
}

function makeReadable(folder: string): void {
  fs.chmodSync(folder, 0o755);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) makeReadable(path.join(folder, entry.name));
  }
}
