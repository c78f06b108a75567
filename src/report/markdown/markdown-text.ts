// Text, code and tables in Markdown. Called by markdown.ts.

import { oneLine } from '../format-values.ts';

/** Text that Markdown prints as it is: no markup, no HTML, no mention of anybody. */
export function escapeMarkdown(text: string): string {
  return oneLine(text, 300)
    .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@/g, '@\u200b');
}

/** Code, fit for a table cell. */
export function code(text: string): string {
  const clean = oneLine(text, 120).replace(/\|/g, '\\|');
  const longestRun = Math.max(0, ...[...clean.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longestRun + 1);
  return longestRun > 0 ? `${fence} ${clean} ${fence}` : `${fence}${clean}${fence}`;
}

export function table(
  titles: readonly string[],
  aligns: string,
  rows: readonly (readonly string[])[],
): string {
  const rule = [...aligns].map((align) => (align === 'r' ? '---:' : '---'));
  return [titles, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
