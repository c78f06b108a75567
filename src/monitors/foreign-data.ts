// What data from outside may hold at the most, and how it is refused: whatever a page or an export claims, reading it takes
// bounded time and memory. Used by the decoders in prometheus/ and otlp/.

/** Data that cannot be read, or that nobody should read; the message says what is wrong with it. */
export class ForeignDataError extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'ForeignDataError';
  }
}

/** Of one histogram: bounds, or buckets of one sign. Client libraries keep 160. */
const maxBuckets = 10_000;
/** Of all histograms of a page or an export together. */
const maxBucketsInAll = 200_000;
/** Samples, or data points, of the metrics that are asked for. */
const maxSamples = 50_000;
/** Names on a page or in an export. */
export const maxNames = 100_000;
/** Labels of one series, and characters of all of them. OpenTelemetry keeps 128 attributes unless told otherwise. */
const maxLabels = 256;
const maxLabelCharacters = 16_384;

/** What of a page or an export has been read so far. */
export class ReadSoFar {
  #samples = 0;
  #buckets = 0;

  sample(): void {
    this.#samples++;
    if (this.#samples > maxSamples) {
      throw new ForeignDataError(
        `it has more than ${maxSamples} samples of the selected metrics: have the source make fewer series`,
      );
    }
  }

  buckets(count: number): void {
    this.#buckets += count;
    if (this.#buckets > maxBucketsInAll) {
      throw new ForeignDataError(
        `the histograms have more than ${maxBucketsInAll} buckets together: have the source make fewer series`,
      );
    }
  }
}

/** Throws for a list that is longer than any histogram's. */
export function assertBucketCount(count: number): void {
  if (count > maxBuckets) {
    throw new ForeignDataError(`a histogram has more than ${maxBuckets} buckets: have the source use fewer`);
  }
}

/** A number of observations: finite, and not below 0. It need not be whole. */
export function observationsOf(count: number, what: string): number {
  if (count >= 0 && count < Number.POSITIVE_INFINITY) return count;
  throw new ForeignDataError(`${what} is ${count}, which is not a valid number of observations`);
}

/** Throws unless the bounds ascend and are numbers; the last may be Infinity. */
export function assertBounds(bounds: readonly number[]): void {
  for (let i = 0; i < bounds.length; i++) {
    const [before, bound] = [bounds[i - 1] ?? Number.NEGATIVE_INFINITY, bounds[i]!];
    if (Number.isNaN(bound) || !(bound > before || i === 0)) {
      throw new ForeignDataError(`the bounds of a histogram do not ascend: ${before}, ${bound}`);
    }
  }
}

/** Throws for labels that nobody meant as such: each series is kept by all of its labels. */
export function assertLabels(labels: ReadonlyMap<string, string>): void {
  if (labels.size > maxLabels) {
    throw new ForeignDataError(`a series has more than ${maxLabels} labels`);
  }
  let characters = 0;
  for (const [name, value] of labels) characters += name.length + value.length;
  if (characters > maxLabelCharacters) {
    throw new ForeignDataError(`the labels of a series have more than ${maxLabelCharacters} characters`);
  }
}
