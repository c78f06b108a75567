// One side (positive or mirrored negative) of a histogram: counts by log-linear bucket. Only histogram.ts and
// its codec use it.

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

/** Width of a bucket: 1/128 of the power of two it lies in, so at most 1/128 of any value inside. */
function bucketWidth(bucket: number): number {
  return 2 ** (lowestExponent + (bucket >>> bucketsPerChunkBits) - bucketsPerChunkBits);
}

/** Counts by bucket, in chunks of one power of two that are allocated when first touched. */
export class Buckets {
  /** Sum over all buckets. */
  total = 0;
  readonly #chunks: (Float64Array | undefined)[] = new Array(chunkCount);
  #lowestChunk = chunkCount;
  #highestChunk = -1;

  add(bucket: number, count: number): void {
    const chunkIndex = bucket >>> bucketsPerChunkBits;
    const chunk = this.#chunks[chunkIndex] ?? this.#allocate(chunkIndex);
    chunk[bucket & (bucketsPerChunk - 1)]! += count;
    this.total += count;
    if (chunkIndex < this.#lowestChunk) this.#lowestChunk = chunkIndex;
    if (chunkIndex > this.#highestChunk) this.#highestChunk = chunkIndex;
  }

  merge(other: Buckets): void {
    other.forEach((bucket, count) => {
      this.add(bucket, count);
    });
  }

  /** Clears the chunks between the lowest and the highest touched since the last reset; keeps their memory. */
  reset(): void {
    for (let i = this.#lowestChunk; i <= this.#highestChunk; i++) this.#chunks[i]?.fill(0);
    this.#lowestChunk = chunkCount;
    this.#highestChunk = -1;
    this.total = 0;
  }

  /** Visits every bucket that is not empty, ascending. */
  forEach(visit: (bucket: number, count: number) => void): void {
    for (let i = this.#lowestChunk; i <= this.#highestChunk; i++) {
      const chunk = this.#chunks[i];
      if (chunk === undefined) continue;
      for (let k = 0; k < bucketsPerChunk; k++) {
        const count = chunk[k]!;
        if (count > 0) visit((i << bucketsPerChunkBits) | k, count);
      }
    }
  }

  /** The value at a rank (0 is the smallest), its bucket's values taken as spread evenly. Rank < `total`. */
  valueAtRank(rank: number): number {
    let before = 0;
    for (let i = this.#lowestChunk; i <= this.#highestChunk; i++) {
      const chunk = this.#chunks[i];
      if (chunk === undefined) continue;
      for (let k = 0; k < bucketsPerChunk; k++) {
        const count = chunk[k]!;
        if (rank < before + count) {
          const bucket = (i << bucketsPerChunkBits) | k;
          return bucketLowerBound(bucket) + bucketWidth(bucket) * ((rank - before + 0.5) / count);
        }
        before += count;
      }
    }
    throw new RangeError(`rank ${rank} is not below the total ${this.total}`);
  }

  #allocate(chunkIndex: number): Float64Array {
    const chunk = new Float64Array(bucketsPerChunk);
    this.#chunks[chunkIndex] = chunk;
    return chunk;
  }
}
