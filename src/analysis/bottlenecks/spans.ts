// Times of a run, and what lies in them. Used by condition.ts and figures.ts.

/** A time of the run; run times in ms. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Whether a time lies in a span; its end does not. */
export function within(atMs: number, { fromMs, untilMs }: Span): boolean {
  return atMs >= fromMs && atMs < untilMs;
}

/** How many ms of a span lie in any of the others, which are disjoint. */
export function overlapMs({ fromMs, untilMs }: Span, others: readonly Span[]): number {
  return others.reduce(
    (sum, other) => sum + Math.max(0, Math.min(untilMs, other.untilMs) - Math.max(fromMs, other.fromMs)),
    0,
  );
}

/** From the start of the first to the end of the last; `undefined` of none. */
export function hull(spans: readonly Span[]): Span | undefined {
  const [first, last] = [spans[0], spans.at(-1)];
  return first === undefined || last === undefined
    ? undefined
    : { fromMs: first.fromMs, untilMs: last.untilMs };
}

export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
}
