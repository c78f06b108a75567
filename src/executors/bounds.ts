// The most that one scenario may be told to do. Beyond it a typing error is likelier than a wish, and what a machine
// can do ends long before.

export const mostVus = 100_000;
/** In iterations per second. */
export const mostRatePerSec = 1_000_000;
/** Of one VU, or of a store that all share. */
export const mostIterations = 1_000_000_000;
/** Shortest regular length, in ms: below it there is nothing to measure. */
export const shortestRunMs = 100;
