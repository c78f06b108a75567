// Durations as people write them ("1m30s") and as programs count them (milliseconds).

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const wholeText = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const onePart = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/**
 * Parses a duration: a number is ms, text is one or more parts such as `500ms`, `30s`, `1m30s`, `2h`.
 * Returns ms, or `undefined` when it is neither, or negative, or not finite.
 */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (!wholeText.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(onePart)) totalMs += Number(amount) * unitMs[unit!]!;
  return totalMs;
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
