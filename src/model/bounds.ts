// The most of what one run may be told to do, beside the bounds of one scenario (executors/bounds.ts).

export const mostWorkers = 256;
