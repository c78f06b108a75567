// Finds a metric by the name a selection gives, and the series with its labels. Called by selection.ts.

import { parseNumber } from './exposition-line.ts';
import {
  type DistributionSeries,
  familyNames,
  type Labels,
  type Metric,
  type Metrics,
  type NumberSeries,
  seriesKey,
} from './metric.ts';

/**
 * The metric of that name; of `x_count`, `x_sum` and `x_bucket` also the parts of a histogram or summary `x`, as numbers.
 * `undefined` when there is none.
 */
export function findMetric(metrics: Metrics, name: string): Metric | undefined {
  const own = metrics.get(name);
  if (own !== undefined) return own;
  const [, family] = familyNames(name);
  const whole = family === undefined ? undefined : metrics.get(family);
  if (whole === undefined || !wholes.has(whole.type)) return undefined;
  const type = whole.type === 'gaugehistogram' ? 'gauge' : 'counter';
  const numbers = partsOf(whole, name.slice(family!.length));
  return numbers === undefined ? undefined : { type, numbers, distributions: [] };
}

const wholes: ReadonlySet<string> = new Set(['histogram', 'gaugehistogram', 'summary']);

function partsOf({ distributions }: Metric, suffix: string): NumberSeries[] | undefined {
  switch (suffix) {
    case '_count':
    case '_gcount':
      return distributions.map(({ distribution, ...series }) => ({ ...series, value: distribution.count }));
    case '_sum':
    case '_gsum':
      return distributions.map(({ distribution, ...series }) => ({ ...series, value: distribution.sum }));
    case '_bucket':
      return distributions.flatMap(bucketSeries);
    default:
      return undefined;
  }
}

function bucketSeries({ distribution, ...series }: DistributionSeries): NumberSeries[] {
  const { bounds, counts } = distribution.classic ?? { bounds: [], counts: [] };
  return bounds.map((bound, i) => {
    const labels = new Map([
      ...series.labels,
      ['le', bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound)],
    ]);
    return { ...series, labels, key: seriesKey(labels), value: counts[i]! };
  });
}

/** Those that carry all of `wanted`. A label that is not there is as one of no text, as in PromQL. */
export function withLabels<Series extends { readonly labels: Labels }>(
  series: readonly Series[],
  wanted: Readonly<Record<string, string>>,
): readonly Series[] {
  const pairs = Object.entries(wanted);
  if (pairs.length === 0) return series;
  return series.filter(({ labels }) =>
    pairs.every(([name, value]) => isSame(name, labels.get(name) ?? '', value)),
  );
}

/** Bounds and quantiles are numbers, however they are written: `1`, `1.0`. */
function isSame(name: string, found: string, wanted: string): boolean {
  if (found === wanted) return true;
  if (name !== 'le' && name !== 'quantile') return false;
  const number = parseNumber(found);
  return number !== undefined && number === parseNumber(wanted);
}
