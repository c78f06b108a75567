// What a distribution is summed up by. histogram.ts gives it; records carry it.

/** Values of a Trend, with k6's keys. Empty trends hold zeros and `count` 0. */
export interface TrendValues {
  avg: number;
  min: number;
  med: number;
  max: number;
  'p(90)': number;
  'p(95)': number;
  'p(99)': number;
  count: number;
}
