import { natsBus } from './nats-bus.ts';

/** A process that competes for the lease `name`, and prints each state as one line of JSON. */
const [url = '', user = '', password = '', name = '', holder = ''] = process.argv.slice(2);
const bus = natsBus({ url, user, password, name: holder }, { streams: [], onError: () => undefined });
const lease = bus.lease(name, holder, (state) => process.stdout.write(`${JSON.stringify(state)}\n`));
lease.raise(7);
// The timers of a bus do not keep the process alive.
setInterval(() => undefined, 1_000);
