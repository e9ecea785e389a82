import { ownNatsIsMissing, startOwnNats } from '@landfall/test-servers/nats-server';
import t from 'tap';
import { until } from '../../../../test/_stack.ts';
import type { Status } from '../../src/monitoring/health-status.ts';
import { silentServer, spawnQuery } from '../support/_hanging.ts';

const skip = ownNatsIsMissing() ?? false;

t.test(
  'the status distinguishes a NATS server that hangs from a missing ingestor',
  { skip, timeout: 120_000 },
  async (t) => {
    const nats = await startOwnNats();
    t.teardown(nats.stop);
    const query = await spawnQuery(t, await silentServer(t), nats);
    const address = await query.address;
    const reasons = async (): Promise<Status['reasons']> =>
      JSON.parse(await (await fetch(`${address}/status`)).text()).reasons;
    const isWrong = (found: Status['reasons'], code: string, other: string) =>
      found.some((each) => each.code === code) && !found.some((each) => each.code === other);

    const silent = await until('silent', reasons, (found) =>
      isWrong(found, 'ingestor_silent', 'event_bus_away'),
    );
    t.match(
      silent.find(({ code }) => code === 'ingestor_silent'),
      { level: 'amber', detail: /nothing subscribes/ },
    );
    await nats.pause();
    await until('away', reasons, (found) => isWrong(found, 'event_bus_away', 'ingestor_silent'));
    nats.resume();
    await until('silent again', reasons, (found) => isWrong(found, 'ingestor_silent', 'event_bus_away'));
  },
);
