/** Sums of values near the largest double are infinite, which no record can hold; they stay the largest double. */
export function finite(sum: number): number {
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, sum));
}
