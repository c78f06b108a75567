// Reads when a schedule is due: "every Sunday at 02:00", "first Monday of the month at 02:00". Called by the schema and by
// `plimsoll schedule`.

import type { ScheduleTime, Weekday } from '../model/schedule.ts';

const weekdays: readonly Weekday[] = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
];
const nths: readonly string[] = ['first', 'second', 'third', 'fourth'];
/** The months in which a quarter begins, and ends. */
const firstOfQuarter = [1, 4, 7, 10];
const lastOfQuarter = [3, 6, 9, 12];
/** Each month has it. */
const mostDayOfMonth = 28;

export const scheduleTimeExamples =
  '"every day at 02:00", "every Sunday at 02:00", "day 15 of the month at 02:00", "first Monday of the month at 02:00", ' +
  '"first Monday of the quarter at 02:00" or "last day of the quarter at 09:00"';

const form =
  /^(?:every (?<every>day|[a-z]+day)|(?<nth>first|second|third|fourth|last) (?<on>day|[a-z]+day) of the (?<of>month|quarter)|day (?<day>\d{1,2}) of the (?<dayOf>month|quarter)) at (?<hour>\d{1,2}):(?<minute>\d{2})$/i;

/** The time in words; `undefined` for other words. */
export function parseScheduleTime(text: string): ScheduleTime | undefined {
  const groups = form.exec(text.trim().replaceAll(/\s+/g, ' '))?.groups;
  if (groups === undefined) return undefined;
  const [hour, minute] = [Number(groups.hour), Number(groups.minute)];
  const found = dayOf(groups);
  return found === undefined || hour > 23 || minute > 59 ? undefined : { hour, minute, ...found };
}

type Groups = Readonly<Record<string, string | undefined>>;

function dayOf({
  every,
  nth,
  on,
  of,
  day,
  dayOf: period,
}: Groups): Pick<ScheduleTime, 'day' | 'months'> | undefined {
  if (every !== undefined) {
    if (every.toLowerCase() === 'day') return { day: { kind: 'every' } };
    const weekday = weekdayOf(every);
    return weekday === undefined ? undefined : { day: { kind: 'weekday', weekday } };
  }
  if (day !== undefined) {
    const number = Number(day);
    if (number < 1 || number > mostDayOfMonth) return undefined;
    return { day: { kind: 'of month', day: number }, ...monthsOf(period, firstOfQuarter) };
  }
  if (nth === undefined || on === undefined) return undefined;
  const isDay = on.toLowerCase() === 'day';
  if (nth.toLowerCase() === 'last')
    return isDay ? { day: { kind: 'last' }, ...monthsOf(of, lastOfQuarter) } : undefined;
  const index = nths.indexOf(nth.toLowerCase());
  const months = monthsOf(of, firstOfQuarter);
  if (isDay) return { day: { kind: 'of month', day: index + 1 }, ...months };
  const weekday = weekdayOf(on);
  return weekday === undefined
    ? undefined
    : { day: { kind: 'nth', nth: (index + 1) as 1 | 2 | 3 | 4, weekday }, ...months };
}

function monthsOf(period: string | undefined, ofQuarter: readonly number[]): Pick<ScheduleTime, 'months'> {
  return period?.toLowerCase() === 'quarter' ? { months: ofQuarter } : {};
}

function weekdayOf(word: string): Weekday | undefined {
  return weekdays.find((weekday) => weekday.toLowerCase() === word.toLowerCase());
}

/** Is it the name of a time zone that this machine knows? */
export function isTimeZone(value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
