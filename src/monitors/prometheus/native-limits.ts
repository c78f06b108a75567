// Which exponential histograms can be: checked by the decoders before native-histogram.ts computes with them, whose loops
// end for these alone.

import { assertBucketCount, ForeignDataError, observationsOf } from '../foreign-data.ts';
import type { NativeHistogram } from './native-histogram.ts';

/** Numbers of scales. Prometheus has -4 to 8, OpenTelemetry -10 to 20. */
const leastSchema = -10;
const greatestSchema = 20;
/** Exponents of the least and the greatest number above 0 that a double holds. */
const leastExponent = -1075;
const greatestExponent = 1025;

/** The histogram. Throws a `ForeignDataError` that says what it cannot have. */
export function checkedNative(histogram: NativeHistogram): NativeHistogram {
  const { schema, zeroThreshold, zeroCount, positive, negative } = histogram;
  if (!Number.isInteger(schema) || schema < leastSchema || schema > greatestSchema) {
    throw new ForeignDataError(
      `the scale of a histogram is ${schema}; it can be ${leastSchema} to ${greatestSchema}`,
    );
  }
  if (!(zeroThreshold >= 0 && zeroThreshold < Number.POSITIVE_INFINITY)) {
    throw new ForeignDataError(
      `the zero threshold of a histogram is ${zeroThreshold}, which is not a finite width`,
    );
  }
  observationsOf(zeroCount, 'the zero count of a histogram');
  for (const side of [positive, negative]) {
    assertBucketCount(side.size);
    for (const [index, count] of side) {
      observationsOf(count, 'the count of a bucket of a histogram');
      assertIndex(index, schema);
    }
  }
  return histogram;
}

/** Buckets beyond what a double can be hold nothing that was observed. */
function assertIndex(index: number, schema: number): void {
  const perDoubling = 2 ** schema;
  const least = Math.floor(leastExponent * perDoubling) - 1;
  const greatest = Math.ceil(greatestExponent * perDoubling) + 1;
  if (!Number.isInteger(index) || index < least || index > greatest) {
    throw new ForeignDataError(`a histogram of scale ${schema} has no bucket ${index}`);
  }
}
