import type { Lease, LeaseState } from '../event-bus.ts';
import { callGuarded, type Report } from '../guard-listener.ts';

interface Competitor {
  holder: string;
  onChange: (state: LeaseState) => void;
}

export type InProcessLeases = ReturnType<typeof inProcessLeases>;

/** The leases of one process: the first competitor holds a lease until it releases it, then the next. */
export function inProcessLeases(report: Report) {
  /** By lease name. The first competitor of a list is the holder. */
  const competitors = new Map<string, Competitor[]>();
  const values = new Map<string, number>();
  let isOpen = true;

  function notify(name: string, competitor: Competitor): void {
    setImmediate(() =>
      callGuarded(() => competitor.onChange(stateOf(name, competitor)), report, `lease ${name}`),
    );
  }

  function stateOf(name: string, competitor: Competitor): LeaseState {
    const all = competitors.get(name) ?? [];
    const [first] = all;
    if (!isOpen || !first || !all.includes(competitor)) return { kind: 'unknown' };
    return first === competitor ? { kind: 'held' } : { kind: 'taken', holder: first.holder };
  }

  return {
    lease(name: string, holder: string, onChange: (state: LeaseState) => void): Lease {
      const competitor = { holder, onChange };
      competitors.set(name, [...(competitors.get(name) ?? []), competitor]);
      notify(name, competitor);
      return {
        get state() {
          return stateOf(name, competitor);
        },
        get value() {
          return values.get(name) ?? 0;
        },
        raise: (value) => void values.set(name, Math.max(value, values.get(name) ?? 0)),
        check: async () => stateOf(name, competitor),
        async release() {
          const all = competitors.get(name) ?? [];
          const left = all.filter((other) => other !== competitor);
          competitors.set(name, left);
          if (all[0] === competitor) for (const other of left) notify(name, other);
        },
      };
    },
    close(): void {
      isOpen = false;
      competitors.clear();
    },
  };
}
