import fs from 'node:fs';

/** Returns the sum of the peak memory of a process and its children, MB. Linux only. */
export function peakMemoryMb(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  const kb = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
  return kb / 1024 + childrenOf(pid).reduce((sum, child) => sum + peakMemoryMb(child), 0);
}

/** Children are listed per thread. */
function childrenOf(pid: number): number[] {
  const threads = fs.readdirSync(`/proc/${pid}/task`);
  return threads.flatMap((thread) => {
    const children = fs.readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim();
    return children === '' ? [] : children.split(' ').map(Number);
  });
}
