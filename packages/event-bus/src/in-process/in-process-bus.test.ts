import t from 'tap';
import { eventBusContract } from '../event-bus.contract.ts';
import { inProcessBus } from './in-process-bus.ts';

t.test('the contract of event buses', async (t) =>
  eventBusContract(t, async (t, settings) => {
    const bus = inProcessBus(settings);
    t.teardown(bus.close);
    return { one: bus, other: bus };
  }),
);
