// One side (positive or mirrored negative) of a histogram: counts by log-linear bucket, with the least and greatest value
// seen in each. Only histogram.ts and its codec use it.

/** Smallest magnitude with a bucket of its own is 2^-30; anything nearer to zero counts as zero. */
const lowestExponent = -30;
/** Magnitudes from 2^50 on fall into the topmost bucket. */
const chunkCount = 80;
const bucketsPerChunkBits = 7;
const bucketsPerChunk = 1 << bucketsPerChunkBits;
export const bucketCount = chunkCount * bucketsPerChunk;

const exponentBias = 1023;
const mantissaHighBits = 20;
const firstBiasedExponent = exponentBias + lowestExponent;

// The bits of a double are read through a view shared by all histograms: no allocation per value.
const asDouble = new Float64Array(1);
const asWords = new Uint32Array(asDouble.buffer);
const highWord = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * Bucket of a magnitude (>= 0): -1 for zero and anything below 2^-30, else 0 to `bucketCount` - 1.
 * A negative number (sign bit set) also gives the topmost bucket, so callers pass magnitudes only.
 */
export function bucketOf(magnitude: number): number {
  asDouble[0] = magnitude;
  // Exponent and the top seven bits of the mantissa side by side: consecutive over powers of two.
  const index =
    (asWords[highWord]! >>> (mantissaHighBits - bucketsPerChunkBits)) -
    (firstBiasedExponent << bucketsPerChunkBits);
  if (index < 0) return -1;
  return index < bucketCount ? index : bucketCount - 1;
}

/** Lower bound (inclusive) of a bucket; its upper bound is the lower bound of the next. */
export function bucketLowerBound(bucket: number): number {
  const exponent = lowestExponent + (bucket >>> bucketsPerChunkBits);
  const offset = bucket & (bucketsPerChunk - 1);
  return 2 ** exponent * (1 + offset / bucketsPerChunk);
}

/** The topmost bucket holds all that is greater as well, so its bounds tell nothing. */
export const topmostBucket = bucketCount - 1;
const lowWord = 1 - highWord;
/** Of the high word, the bits that the bucket does not tell. */
const restBits = mantissaHighBits - bucketsPerChunkBits;
export const restMask = 2 ** restBits - 1;

/** What a bucket does not tell of its value: 13 bits, and 32 lower ones. */
export function highRest(magnitude: number): number {
  asDouble[0] = magnitude;
  return asWords[highWord]! & restMask;
}

export function lowRest(magnitude: number): number {
  asDouble[0] = magnitude;
  return asWords[lowWord]!;
}

/** The value with these rests. */
export function valueInBucket(bucket: number, high: number, low: number): number {
  asWords[highWord] = ((bucket + (firstBiasedExponent << bucketsPerChunkBits)) << restBits) | high;
  asWords[lowWord] = low;
  return asDouble[0]!;
}

/**
 * Each bucket has 16 steps. Of values that differ, the first step at or above the least and the last at or below the
 * greatest are told, which lie between them: `low` and `high`. Values between two neighbouring steps have `low` above
 * `high`, and are told by the least of them. Both follow from the parts of a merge, whatever way values were split.
 */
const stepShift = restBits - 4;
const belowStep = 2 ** stepShift - 1;

export function lowStep(bucket: number, least: number): number {
  if (bucket === topmostBucket) return 1;
  const high = highRest(least);
  return (high & belowStep) === 0 && asWords[lowWord] === 0 ? high >>> stepShift : (high >>> stepShift) + 1;
}

export function highStep(bucket: number, greatest: number): number {
  return bucket === topmostBucket ? 0 : highRest(greatest) >>> stepShift;
}

export function valueAtStep(bucket: number, step: number): number {
  return valueInBucket(bucket, step << stepShift, 0);
}

/** What is known of a bucket that is not empty. */
type Visit = (bucket: number, count: number, least: number, greatest: number) => void;

/** Numbers for each bucket in a chunk, side by side: its count, then its least and greatest value if that is not 0. */
const stride = 3;

/** Counts by bucket, in chunks of one power of two that are allocated when first touched. */
export class Buckets {
  /** Sum over all buckets. */
  total = 0;
  readonly #chunks: (Float64Array | undefined)[] = new Array(chunkCount);
  #lowestChunk = chunkCount;
  #highestChunk = -1;

  /** Counts one value, whose bucket has been found. */
  record(bucket: number, magnitude: number): void {
    const chunkIndex = bucket >>> bucketsPerChunkBits;
    const chunk = this.#chunks[chunkIndex] ?? this.#allocate(chunkIndex);
    const at = (bucket & (bucketsPerChunk - 1)) * stride;
    const count = chunk[at]!;
    if (count === 0) {
      chunk[at + 1] = magnitude;
      chunk[at + 2] = magnitude;
    } else if (magnitude < chunk[at + 1]!) chunk[at + 1] = magnitude;
    else if (magnitude > chunk[at + 2]!) chunk[at + 2] = magnitude;
    chunk[at] = count + 1;
    this.total++;
    if (chunkIndex < this.#lowestChunk) this.#lowestChunk = chunkIndex;
    if (chunkIndex > this.#highestChunk) this.#highestChunk = chunkIndex;
  }

  /** Counts several values of one bucket, of which the least and the greatest are known. */
  add(bucket: number, count: number, least: number, greatest: number): void {
    const chunkIndex = bucket >>> bucketsPerChunkBits;
    const chunk = this.#chunks[chunkIndex] ?? this.#allocate(chunkIndex);
    const at = (bucket & (bucketsPerChunk - 1)) * stride;
    const before = chunk[at]!;
    if (before === 0 || least < chunk[at + 1]!) chunk[at + 1] = least;
    if (before === 0 || greatest > chunk[at + 2]!) chunk[at + 2] = greatest;
    chunk[at] = before + count;
    this.total += count;
    if (chunkIndex < this.#lowestChunk) this.#lowestChunk = chunkIndex;
    if (chunkIndex > this.#highestChunk) this.#highestChunk = chunkIndex;
  }

  merge(other: Buckets): void {
    other.forEach((bucket, count, least, greatest) => {
      this.add(bucket, count, least, greatest);
    });
  }

  /** Clears the chunks between the lowest and the highest touched since the last reset; keeps their memory. */
  reset(): void {
    for (let i = this.#lowestChunk; i <= this.#highestChunk; i++) this.#chunks[i]?.fill(0);
    this.#lowestChunk = chunkCount;
    this.#highestChunk = -1;
    this.total = 0;
  }

  /** How many buckets are not empty. */
  filledCount(): number {
    let filledCount = 0;
    for (let i = this.#lowestChunk; i <= this.#highestChunk; i++) {
      const chunk = this.#chunks[i];
      if (chunk === undefined) continue;
      for (let k = 0; k < chunk.length; k += stride) if (chunk[k]! > 0) filledCount++;
    }
    return filledCount;
  }

  /** Visits every bucket that is not empty, ascending. */
  forEach(visit: Visit): void {
    for (let i = this.#lowestChunk; i <= this.#highestChunk; i++) {
      const chunk = this.#chunks[i];
      if (chunk === undefined) continue;
      for (let k = 0; k < bucketsPerChunk; k++) {
        const count = chunk[k * stride]!;
        if (count > 0) {
          visit((i << bucketsPerChunkBits) | k, count, chunk[k * stride + 1]!, chunk[k * stride + 2]!);
        }
      }
    }
  }

  /**
   * The value at a rank (0 is the smallest): its bucket's values taken as spread evenly between steps that lie within the
   * least and greatest of them. Rank < `total`.
   */
  valueAtRank(rank: number): number {
    let before = 0;
    for (let i = this.#lowestChunk; i <= this.#highestChunk; i++) {
      const chunk = this.#chunks[i];
      if (chunk === undefined) continue;
      for (let k = 0; k < bucketsPerChunk; k++) {
        const count = chunk[k * stride]!;
        if (rank < before + count) {
          const bucket = (i << bucketsPerChunkBits) | k;
          const share = count === 1 ? 0 : (rank - before) / (count - 1);
          return valueWithin(bucket, chunk[k * stride + 1]!, chunk[k * stride + 2]!, share);
        }
        before += count;
      }
    }
    throw new RangeError(`rank ${rank} is not below the total ${this.total}`);
  }

  #allocate(chunkIndex: number): Float64Array {
    const chunk = new Float64Array(bucketsPerChunk * stride);
    this.#chunks[chunkIndex] = chunk;
    return chunk;
  }
}

/** `share` is 0 for the least, 1 for the greatest. */
function valueWithin(bucket: number, least: number, greatest: number, share: number): number {
  if (least === greatest) return least;
  const low = lowStep(bucket, least);
  const high = highStep(bucket, greatest);
  if (low > high) return least;
  const from = valueAtStep(bucket, low);
  return from + (valueAtStep(bucket, high) - from) * share;
}
