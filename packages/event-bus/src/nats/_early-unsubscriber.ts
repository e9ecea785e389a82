import { natsBus } from './nats-bus.ts';

/** A process that consumes a queue, leaves it before it is opened, and has nothing to do after that. */
const [url = '', user = '', password = ''] = process.argv.slice(2);
const common = { maxMessages: 10, maxPerSubject: 10, maxAgeMs: 3_600_000 };
const streams = [
  { name: 'WORK', subject: 'work', isQueue: true, ...common },
  { name: 'LOG', subject: 'log', ...common },
];
const bus = natsBus({ url, user, password, name: 'leaver' }, { streams, onError: () => undefined });
await new Promise<void>((resolve) => void bus.onConnected(resolve));
bus.consume('work', () => undefined)();
// Long enough for the queue to be opened after all.
for (let i = 0; i < 50; i++) await bus.lastKept('log');
await bus.close();
