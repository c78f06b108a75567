// A figure over several runs as one line of block characters, for rooms without drawings. Called by ../text/draw-section.ts
// and ../markdown/draw-section.ts.

const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** One character for each value, from the least to the greatest; a dot where there is none. */
export function courseLine(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  const least = known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = known.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return values
    .map((value) => {
      if (value === null) return '·';
      if (most === least) return blocks[3];
      return blocks[Math.min(7, Math.floor((8 * (value - least)) / (most - least)))]!;
    })
    .join('');
}
