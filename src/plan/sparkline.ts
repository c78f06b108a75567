// A shape over time as one line of block characters. Used by describe.ts.

const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** One character per value, ascending in time; 0 is a blank and the highest value a full block. */
export function renderSparkline(values: readonly number[]): string {
  const highest = Math.max(0, ...values);
  return values
    .map((value) => {
      if (value <= 0) return ' ';
      return blocks[Math.min(blocks.length - 1, Math.ceil((value / highest) * blocks.length) - 1)]!;
    })
    .join('');
}

/** `count` values of `valueAt`, each from the middle of its share of `durationMs`. */
export function sampleShape(valueAt: (atMs: number) => number, durationMs: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => valueAt(((i + 0.5) * durationMs) / count));
}
