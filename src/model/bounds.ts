// The most of everything that one run may be told to do. Beyond it a typing error is likelier than a wish, and what a
// machine can do ends long before.

export const mostWorkers = 256;
/** Of one scenario. */
export const mostVus = 100_000;
/** Of one scenario, in iterations per second. */
export const mostRatePerSec = 1_000_000;
/** Of one VU, or of a store that all share. */
export const mostIterations = 1_000_000_000;
/** Ten years. */
export const longestMs = 3650 * 86_400_000;
