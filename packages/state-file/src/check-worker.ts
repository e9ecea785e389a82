import os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { CheckResult, CheckWorkerData } from './check-structure.ts';
import { isDamage } from './damage.ts';
import { checkStructure } from './state-file.ts';
import { lowerThreadPriority } from './thread-priority.ts';

if (!parentPort) throw new Error('this file is a worker thread');
lowerThreadPriority(os.constants.priority.PRIORITY_LOW);
parentPort.postMessage(check(workerData));

function check({ file, expected, isStopped }: CheckWorkerData): CheckResult {
  if (Atomics.load(isStopped, 0) === 1) return {};
  try {
    checkStructure(file, expected);
    return {};
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return isDamage(error) ? { damage: text } : { failure: text };
  }
}
