// Dates and timestamps in both directions. Called by rows.ts and parameters.ts. What carries no zone is read and written
// as UTC, whatever TZ is: a local time that daylight saving leaves out could not be written back, and the same load would
// store other rows on another machine. Source of the format: PostgreSQL 18, section 8.5.2, DateStyle ISO.

const moment =
  /^(\d{4,})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)?)?( BC)?$/;

/** Reads a `date`, `timestamp` or `timestamptz`; `infinity` as a number; what no `Date` can hold stays a text. */
export function parseDate(text: string): Date | number | string {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  if (text === '-infinity') return Number.NEGATIVE_INFINITY;
  const match = moment.exec(text);
  if (match === null) return text;
  const [, years, month, day, hour = '0', minute = '0', second = '0', fraction = '', sign, ...rest] = match;
  const [offsetHours = '0', offsetMinutes = '0', offsetSeconds = '0', bc] = rest;
  // There is no year 0: 1 BC stands before 1 AD.
  const year = bc === undefined ? Number(years) : 1 - Number(years);
  const ms = Math.floor(Number(`0.${fraction}0`) * 1000);
  const date = new Date(0);
  // `Date.UTC` takes the years up to 99 for those of the twentieth century.
  date.setUTCFullYear(year, Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second), ms);
  const offsetMs = ((Number(offsetHours) * 60 + Number(offsetMinutes)) * 60 + Number(offsetSeconds)) * 1000;
  const epochMs = date.getTime() - (sign === '-' ? -offsetMs : offsetMs);
  const exact = new Date(epochMs);
  return Number.isNaN(exact.getTime()) ? text : exact;
}

/** Writes a moment as PostgreSQL reads it. Throws a `TypeError` for an invalid one. */
export function dateText(date: Date): string {
  const epochMs = date.getTime();
  if (Number.isNaN(epochMs)) throw new TypeError('an invalid Date cannot be a parameter of a statement');
  const year = date.getUTCFullYear();
  if (year > 0 && year <= 9999) return date.toISOString();
  const years = String(year > 0 ? year : 1 - year).padStart(4, '0');
  // `toISOString` has a sign and six digits there.
  const text = date.toISOString();
  return `${years}${text.slice(text.indexOf('-', 1))}${year > 0 ? '' : ' BC'}`;
}
