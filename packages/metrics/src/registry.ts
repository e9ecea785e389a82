import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export type { Counter, Gauge, Histogram };

/** A metric, for the documentation. */
export interface MetricDescription {
  name: string;
  type: string;
  help: string;
  labels: readonly string[];
}

/** What every metric has. */
interface Definition<Label extends string> {
  /** Without the prefix `landfall_`. Counters end in `_total`, times are in seconds. */
  name: string;
  /** One sentence, with the unit. */
  help: string;
  /** Names of labels. Their values must be bounded. */
  labels?: readonly Label[];
}

export type Metrics = ReturnType<typeof openMetrics>;

/**
 * The metrics of one process, in the text format of Prometheus. Both halves of a standalone Landfall share one.
 *
 * @see https://prometheus.io/docs/practices/naming/
 */
export function openMetrics() {
  const registry = new Registry();
  const descriptions: MetricDescription[] = [];

  function describe<Label extends string>(type: string, { name, help, labels = [] }: Definition<Label>) {
    descriptions.push({ name: `landfall_${name}`, type, help, labels });
    return { name: `landfall_${name}`, help, labelNames: labels, registers: [registry] };
  }

  return {
    counter: <Label extends string>(definition: Definition<Label>): Counter<Label> =>
      new Counter(describe('counter', definition)),

    /** A value that is written when it changes. It has no series before. */
    gauge<Label extends string>(definition: Definition<Label>): Gauge<Label> {
      const gauge: Gauge<Label> = new Gauge(describe('gauge', definition));
      clear(gauge, definition);
      return gauge;
    },

    /**
     * Values that are kept elsewhere and read at each scrape.
     *
     * @param type `counter` for values that only rise
     * @param read returns the labels and the value of each series; an undefined value has no series
     */
    onScrape<Label extends string>(
      type: 'counter' | 'gauge',
      definition: Definition<Label>,
      read: () => Iterable<readonly [labels: Record<Label, string>, value: number | undefined]>,
    ): void {
      const options = describe(type, definition);
      if (type === 'gauge') {
        const gauge: Gauge<Label> = new Gauge({
          ...options,
          collect() {
            clear(gauge, definition);
            for (const [labels, value] of read()) if (value !== undefined) gauge.set(labels, value);
          },
        });
        return;
      }
      const counter: Counter<Label> = new Counter({
        ...options,
        collect() {
          counter.reset();
          for (const [labels, value] of read()) if (value !== undefined) counter.inc(labels, value);
        },
      });
    },

    /** @param buckets upper bounds, ascending */
    histogram: <Label extends string>(
      definition: Definition<Label> & { buckets: readonly number[] },
    ): Histogram<Label> =>
      new Histogram({ ...describe('histogram', definition), buckets: [...definition.buckets] }),

    contentType: registry.contentType,
    /** All metrics as text. */
    render: (): Promise<string> => registry.metrics(),
    /** The metrics by name. */
    describe: (): MetricDescription[] => descriptions.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Removes all series. prom-client itself keeps that of a gauge without labels, with the value 0. */
function clear<Label extends string>(gauge: Gauge<Label>, { labels = [] }: Definition<Label>): void {
  gauge.reset();
  if (labels.length === 0) gauge.remove();
}

/** No labels: the one series of a metric. */
export const PLAIN: Record<never, string> = {};
