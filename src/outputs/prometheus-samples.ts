// What Prometheus gets of a series: one sample or several, always the same ones in the same order, so that names and
// labels are made once and values each time. The page and remote write use it.

import { boundsOf, countsUpTo } from './histogram-bounds.ts';
import { baseUnitDivisor, boundText, type Family, type FamilyNames } from './prometheus-names.ts';
import type { BookSeries } from './series-book.ts';

export interface SampleShape {
  readonly family: Family;
  /** After the family's name: `_total`, `_bucket`, `_sum`, `_count`, or nothing. */
  readonly suffix: string;
  /** The label `le` of a bucket. */
  readonly le?: string;
}

/** The samples of a series, without values. */
export function shapesOf(series: BookSeries, names: FamilyNames): SampleShape[] {
  switch (series.type) {
    case 'counter':
      return [{ family: names.of(series), suffix: '_total' }];
    case 'rate':
      return [
        { family: names.of(series, 'passes'), suffix: '_total' },
        { family: names.of(series, 'all'), suffix: '_total' },
      ];
    case 'gauge':
      return [{ family: names.of(series), suffix: '' }];
    case 'trend': {
      const family = names.of(series);
      const divisor = baseUnitDivisor(series);
      return [
        ...[...boundsOf(series.contains), Number.POSITIVE_INFINITY].map((bound) => ({
          family,
          suffix: '_bucket',
          le: boundText(bound / divisor),
        })),
        { family, suffix: '_sum' },
        { family, suffix: '_count' },
      ];
    }
  }
}

/** The values of a series in base units, one per shape. */
export function valuesOf(series: BookSeries): number[] {
  const divisor = baseUnitDivisor(series);
  switch (series.type) {
    case 'counter':
      return [series.count / divisor];
    case 'rate':
      return [series.passes, series.all];
    case 'gauge':
      return [series.value / divisor];
    case 'trend': {
      const { histogram } = series;
      const counts = countsUpTo(histogram, boundsOf(series.contains));
      return [...counts, histogram.count, histogram.sum / divisor, histogram.count];
    }
  }
}
