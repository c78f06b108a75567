// The latency distribution of a run in bins that are equally wide on a logarithmic scale, for charts.ts.

import type { RunRecord } from '../../model/run-record.ts';
import { Histogram } from '../../stats/histogram.ts';

export interface DistributionBin {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

export interface LatencyDistribution {
  /** Ascending, without gaps, from the fastest to the slowest response. */
  readonly bins: readonly DistributionBin[];
  readonly total: number;
  readonly markers: readonly { readonly label: string; readonly ms: number }[];
}

const binCount = 56;
/** What took less than a microsecond is shown at one: the scale has no zero. */
const lowestMs = 0.001;

/** From the histogram of a trend, ms; `undefined` without samples or with an unreadable histogram. */
export function latencyDistribution(record: RunRecord, metric: string): LatencyDistribution | undefined {
  const encoded = record.metrics[metric]?.histogram;
  if (encoded === undefined) return undefined;
  let histogram: Histogram;
  try {
    histogram = Histogram.decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
  if (histogram.count === 0) return undefined;
  return {
    bins: makeBins(histogram),
    total: histogram.count,
    markers: [50, 95, 99].map((p) => ({ label: `p${p}`, ms: histogram.percentile(p) })),
  };
}

function makeBins(histogram: Histogram): DistributionBin[] {
  const low = Math.log10(Math.max(lowestMs, histogram.min));
  const high = Math.log10(Math.max(lowestMs, histogram.max));
  // At least a tenth of a decade wide, so that a run of equal responses does not become one needle.
  const from = Math.min(low, (low + high) / 2 - 0.05);
  const step = Math.max(high - low, 0.1) / binCount;
  const counts = new Array<number>(binCount).fill(0);
  const binOf = (ms: number): number => {
    const bin = Math.floor((Math.log10(Math.max(lowestMs, ms)) - from) / step);
    return Math.min(binCount - 1, Math.max(0, bin));
  };
  for (const { from: lower, to, count } of histogram.buckets()) {
    spread(lower, to - lower, count, (ms, share) => {
      counts[binOf(ms)]! += share;
    });
  }
  return counts.map((count, k) => ({
    fromMs: 10 ** (from + k * step),
    toMs: 10 ** (from + (k + 1) * step),
    count,
  }));
}

/** A bucket may be as wide as a bin; its count is spread evenly, so that no comb appears. */
function spread(lower: number, width: number, count: number, add: (ms: number, share: number) => void): void {
  const parts = 8;
  for (let k = 0; k < parts; k++) add(lower + (width * (k + 0.5)) / parts, count / parts);
}
