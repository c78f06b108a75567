// The standard normal distribution: density, upper tail and its inverse. Used by the tests of series over time.

export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/**
 * P(Z > x), to about twelve digits, of the tail itself where it is small.
 *
 * **Source:** near 0 the series of NIST DLMF 7.6.2, beyond it the continued fraction of Mills' ratio, DLMF 7.9.1.
 */
export function normalUpperTail(x: number): number {
  if (x < 0) return 1 - normalUpperTail(-x);
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let k = 1; term > 1e-17 * sum; k++) {
      term *= (x * x) / (2 * k + 1);
      sum += term;
    }
    return 0.5 - normalDensity(x) * sum;
  }
  let fraction = x;
  for (let k = 80; k >= 1; k--) fraction = x + k / fraction;
  return normalDensity(x) / fraction;
}

/** The x >= 0 with P(Z > x) = `tail`, for 0 < tail <= 0.5; at most 38, beyond which doubles have no tail. */
export function normalUpperQuantile(tail: number): number {
  let low = 0;
  let high = 38;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalUpperTail(middle) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
