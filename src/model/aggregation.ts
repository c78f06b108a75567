// What a threshold or an alert compares: an aggregation of a metric, and how.

export type ThresholdOperator = '<' | '<=' | '>' | '>=' | '==' | '!=';

/**
 * `percentile` carries its p (0..100); the first kinds are k6's aggregation names. Of figures that monitors read at
 * intervals also: `last` reading, `growth` (robust slope per hour), `share_above` (share of readings above a value).
 */
export type Aggregation =
  | { readonly kind: 'avg' | 'min' | 'max' | 'med' | 'count' | 'rate' | 'value' | 'last' | 'growth' }
  | { readonly kind: 'percentile'; readonly p: number }
  | { readonly kind: 'share_above'; readonly value: number };
