// A schedule of a suite as the formats write it down. Called by crontab.ts, systemd.ts, workflow.ts and ../schedule.ts.

import type { ScheduleDefinition, ScheduleTime } from '../../model/schedule.ts';
import { parseScheduleTime } from '../../suite/schedule-time.ts';

export interface ScheduleEntry {
  readonly suite: string;
  /** Of the schedule. */
  readonly name: string;
  /** As the command line names the suite. */
  readonly suiteArgument: string;
  readonly timeZone: string;
  readonly time: ScheduleTime | undefined;
  readonly definition: ScheduleDefinition;
}

export function entriesOf(
  suite: { readonly name: string; readonly schedules?: Readonly<Record<string, ScheduleDefinition>> },
  suiteArgument: string,
): ScheduleEntry[] {
  return Object.entries(suite.schedules ?? {}).map(([name, definition]) => ({
    suite: suite.name,
    name,
    suiteArgument,
    timeZone: definition.timeZone ?? 'UTC',
    time: definition.when === undefined ? undefined : parseScheduleTime(definition.when),
    definition,
  }));
}

/** The command that the schedule starts, for a shell. */
export function commandOf({ suiteArgument, definition }: ScheduleEntry): string {
  const { profiles, environment, flags = [] } = definition;
  const chosen = profiles === 'all' ? ['--all'] : profiles.flatMap((name) => ['--profile', name]);
  const place = environment === undefined ? [] : ['--env', environment];
  return ['npx', 'plimsoll', 'run', suiteArgument, ...chosen, ...place, ...flags].map(quoted).join(' ');
}

/** A word of a shell's command; `{date}` stands for the day of the run, as 20261130. */
export function quoted(word: string): string {
  if (word.includes('{date}')) return word.split('{date}').map(quotedPart).join('"$(date +%Y%m%d)"');
  return quotedPart(word);
}

function quotedPart(word: string): string {
  if (word === '') return '';
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** What stands above an entry: its name, when it is due, and why. One line each, without line breaks. */
export function titleLines({ name, definition, timeZone }: ScheduleEntry): string[] {
  const { when, onTags, purpose, review = [] } = definition;
  const due = [
    ...(when === undefined ? [] : [`${when} (${timeZone})`]),
    ...(onTags === undefined ? [] : [`when a tag ${onTags.join(' or ')} is pushed`]),
  ].join(', and ');
  const lines = [
    `${name}: ${due}`,
    ...(purpose === undefined ? [] : [purpose]),
    ...review.map((one) => `then: ${one}`),
  ];
  return lines.map((line) => line.replaceAll(/\s+/g, ' '));
}

/** Days on which the fields of cron are true, of which a shell must pick: cron takes either of two fields. */
export interface CronTime {
  readonly fields: string;
  /** Day of the week, 1 for Monday, that it must also be. */
  readonly weekday?: number;
}

const weekdayNumbers = {
  Monday: 1,
  Tuesday: 2,
  Wednesday: 3,
  Thursday: 4,
  Friday: 5,
  Saturday: 6,
  Sunday: 7,
} as const;
/** The last day of each month; of February the earliest. */
const longMonths = [1, 3, 5, 7, 8, 10, 12];
const shortMonths = [4, 6, 9, 11];

/** The time as cron has it: minute, hour, day of the month, month, day of the week (crontab(5)). */
export function cronTimes({ hour, minute, day, months }: ScheduleTime): CronTime[] {
  const at = `${minute} ${hour}`;
  const inMonths = months === undefined ? '*' : months.join(',');
  switch (day.kind) {
    case 'every':
      return [{ fields: `${at} * ${inMonths} *` }];
    case 'weekday':
      return [{ fields: `${at} * ${inMonths} ${weekdayNumbers[day.weekday] % 7}` }];
    case 'of month':
      return [{ fields: `${at} ${day.day} ${inMonths} *` }];
    case 'nth': {
      const first = (day.nth - 1) * 7 + 1;
      return [{ fields: `${at} ${first}-${first + 6} ${inMonths} *`, weekday: weekdayNumbers[day.weekday] }];
    }
    case 'last':
      return lastDays(months).map(({ day: last, months: these }) => ({
        fields: `${at} ${last} ${these.join(',')} *`,
      }));
  }
}

/** The last days of months, by day. In February the 28th, since no fields of cron know leap years. */
export function lastDays(
  months: readonly number[] = Array.from({ length: 12 }, (_, i) => i + 1),
): { readonly day: number; readonly months: readonly number[] }[] {
  return [
    { day: 31, months: months.filter((month) => longMonths.includes(month)) },
    { day: 30, months: months.filter((month) => shortMonths.includes(month)) },
    { day: 28, months: months.filter((month) => month === 2) },
  ].filter(({ months: these }) => these.length > 0);
}
