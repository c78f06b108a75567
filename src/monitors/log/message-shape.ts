// What lines of a log have in common: the message without what differs each time. Called by monitors/log.ts.

const parts: readonly (readonly [RegExp, string])[] = [
  // Times stand first in most lines.
  [/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?/g, '#'],
  [/\b\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\b/g, '#'],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '#'],
  [/\b0x[0-9a-f]+\b/gi, '#'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, '#'],
  [/\d+(?:\.\d+)?/g, '#'],
];

/** `2026-11-30 12:00:01 ERROR order 17 failed after 30.2 ms` is `# ERROR order # failed after # ms`. */
export function messageShape(line: string): string {
  return parts.reduce((text, [pattern, mark]) => text.replace(pattern, mark), line).trim();
}
