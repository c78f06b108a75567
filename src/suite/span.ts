// Times that plans look ahead, as people write them. Called by planning.ts, schema-planning.ts and by cli/values.ts, whose
// commands load nothing else of a suite.

const monthsOf: Readonly<Record<string, number>> = {
  day: 12 / 365.25,
  week: (7 * 12) / 365.25,
  month: 1,
  year: 12,
};
const mostMonths = 240;

/** Months of a time such as `3 months`, `6 weeks`, `1 year`; `undefined` for anything else, and beyond 20 years. */
export function parseSpan(text: string): number | undefined {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*(day|week|month|year)s?\s*$/i.exec(text) ?? [];
  if (number === undefined || unit === undefined) return undefined;
  const months = Number(number) * monthsOf[unit.toLowerCase()]!;
  return months > 0 && months <= mostMonths ? months : undefined;
}
