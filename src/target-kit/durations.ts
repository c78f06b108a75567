// Durations by label as a Prometheus histogram, and the lines that go before figures. Called by the metrics of targets and
// by runtime-metrics.ts.

// Seconds, as Prometheus wants them: from a pure calculation up to the longest wait for a connection.
export const bucketLimitsSec = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Buckets {
  /** One per limit, and one for all above the last. */
  readonly counts: number[];
  sumSec: number;
}

export interface Durations {
  record(label: string, durationMs: number): void;
  /** Lines with their help and type; the latter two alone when nothing was recorded. */
  render(): string[];
}

/** `name` ends with `_seconds`; `limitsSec` ascend. Values of `label` come from a closed set. */
export function createDurations(
  name: string,
  help: string,
  label: string,
  limitsSec: readonly number[],
): Durations {
  const all = new Map<string, Buckets>();
  return {
    record(value, durationMs) {
      let buckets = all.get(value);
      if (buckets === undefined) {
        buckets = { counts: new Array<number>(limitsSec.length + 1).fill(0), sumSec: 0 };
        all.set(value, buckets);
      }
      const seconds = durationMs / 1000;
      buckets.sumSec += seconds;
      let index = 0;
      while (index < limitsSec.length && seconds > limitsSec[index]!) index++;
      buckets.counts[index]!++;
    },
    render() {
      const lines = header(name, 'histogram', help);
      for (const [value, { counts, sumSec }] of all) {
        let count = 0;
        for (const [index, limit] of [...limitsSec, '+Inf'].entries()) {
          count += counts[index]!;
          lines.push(`${name}_bucket{${label}="${value}",le="${limit}"} ${count}`);
        }
        lines.push(
          `${name}_sum{${label}="${value}"} ${sumSec.toFixed(6)}`,
          `${name}_count{${label}="${value}"} ${count}`,
        );
      }
      return lines;
    },
  };
}

export function header(
  name: string,
  type: 'counter' | 'gauge' | 'histogram' | 'summary',
  help: string,
): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

export function single(name: string, type: 'counter' | 'gauge', help: string, value: number): string[] {
  return [...header(name, type, help), `${name} ${value}`];
}
