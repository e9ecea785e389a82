import { parentPort } from 'node:worker_threads';
import { serveCalls } from './worker-server.ts';

/** The calls of the worker of `worker.test.ts`. */
export interface CountingCalls {
  /** Counts from 1 to `to`. */
  count: { query: { to: number }; part: number };
  /** The number of parts that the worker has made for all calls of `count`. */
  made: { query: undefined; part: number };
  setting: { query: undefined; part: string };
  fail: { query: { code: string }; part: never };
  crash: { query: undefined; part: never };
}

if (!parentPort) throw new Error('this file is a worker thread');
let made = 0;
let setting = 'none';

const { emit } = serveCalls<CountingCalls, string, string>(parentPort, {
  async *run(call) {
    switch (call.kind) {
      case 'count':
        for (let i = 1; i <= call.query.to; i++) {
          made++;
          yield i;
        }
        return;
      case 'made':
        yield made;
        return;
      case 'setting':
        yield setting;
        return;
      case 'fail':
        throw Object.assign(new RangeError('it failed'), { code: call.query.code, callback() {} });
      case 'crash':
        process.exit(1);
    }
  },
  partsAhead: 2,
  onSet(value) {
    setting = value;
    emit(`set to ${value}`);
  },
  onClose: () => undefined,
});
