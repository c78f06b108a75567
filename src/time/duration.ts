// Durations as people write them ("1m30s") and as programs count them (milliseconds).

/** A duration: ms as a number, or text such as `"500ms"`, `"1m30s"`, `"2h"`. */
export type Duration = number | string;

/** The longest that anything may be told to take: ten years. */
export const longestMs = 3650 * 86_400_000;

const unitMs = new Map([
  ['ms', 1n],
  ['s', 1000n],
  ['m', 60_000n],
  ['h', 3_600_000n],
  ['d', 86_400_000n],
]);
const wholeText = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const onePart = /(\d+)(?:\.(\d+))?(ms|s|m|h|d)/g;

/**
 * Parses a duration: a number is ms, text is one or more parts such as `500ms`, `30s`, `1m30s`, `2h`.
 * Returns ms, or `undefined` when it is neither, or negative, or not finite.
 */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (!wholeText.test(text)) return undefined;
  // In whole numbers of the last place that anyone wrote: 1.005 s are 1005 ms, and not a little less.
  const parts = [...text.matchAll(onePart)];
  const places = Math.max(...parts.map(([, , decimals = '']) => decimals.length));
  let total = 0n;
  for (const [, whole, decimals = '', unit] of parts) {
    total += BigInt(whole + decimals.padEnd(places, '0')) * unitMs.get(unit!)!;
  }
  const ms = Number(`${total}e-${places}`);
  return Number.isFinite(ms) ? ms : undefined;
}

/** A duration that a schema has accepted, in ms. */
export function msOf(duration: Duration): number {
  const ms = parseDuration(duration);
  if (ms === undefined) throw new TypeError(`not a duration: ${duration}`);
  return ms;
}

/** Prints ms as people write it: `250ms`, `1.5s`, `1m30s`, `2h`. Below a second whole ms, below a minute 0.1 s. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 59_950) return `${Number((ms / 1000).toFixed(1))}s`;
  let seconds = Math.round(ms / 1000);
  const parts: string[] = [];
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.join('');
}
