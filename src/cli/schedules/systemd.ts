// Schedules as units of systemd: a service and a timer for each (systemd.timer(5), systemd.time(7)). Called by
// ../schedule.ts.

import type { ScheduleTime } from '../../model/schedule.ts';
import { commandOf, lastDays, type ScheduleEntry, titleLines } from './entry.ts';

export function systemdText(entries: readonly ScheduleEntry[], folder: string): string {
  return `${entries.map((entry) => unitsOf(entry, folder)).join('\n')}`;
}

function unitsOf(entry: ScheduleEntry, folder: string): string {
  const title = titleLines(entry).map((line) => `# ${line}`);
  if (entry.time === undefined) return `${[...title, '# (a tag starts it, not a timer)'].join('\n')}\n`;
  const unit = `plimsoll-${entry.suite}-${entry.name}`.replaceAll(/[^\w-]+/g, '-');
  const times = calendarOf(entry.time).map((time) => `OnCalendar=${time} ${entry.timeZone}`);
  // Within quotes of a unit: a backslash escapes, a % begins a specifier, and a $ a variable.
  const command = commandOf(entry)
    .replaceAll('\\', String.raw`\\`)
    .replaceAll("'", String.raw`\x27`)
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$');
  return [
    ...title,
    `# /etc/systemd/system/${unit}.service`,
    '[Unit]',
    `Description=Plimsoll: ${entry.name} of ${entry.suite}`,
    '',
    '[Service]',
    'Type=oneshot',
    `WorkingDirectory=${folder.replaceAll('%', '%%')}`,
    `ExecStart=/bin/sh -c '${command}'`,
    '',
    `# /etc/systemd/system/${unit}.timer`,
    '[Unit]',
    `Description=When ${entry.name} of ${entry.suite} is due`,
    '',
    '[Timer]',
    ...times,
    'Persistent=true',
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ].join('\n');
}

const two = (value: number): string => String(value).padStart(2, '0');

/** The time as a calendar event: systemd.time(7). */
export function calendarOf({ hour, minute, day, months }: ScheduleTime): string[] {
  const at = `${two(hour)}:${two(minute)}:00`;
  const inMonths = months === undefined ? '*' : months.map(two).join(',');
  switch (day.kind) {
    case 'every':
      return [`*-${inMonths}-* ${at}`];
    case 'weekday':
      return [`${day.weekday.slice(0, 3)} *-${inMonths}-* ${at}`];
    case 'of month':
      return [`*-${inMonths}-${two(day.day)} ${at}`];
    case 'nth': {
      const first = (day.nth - 1) * 7 + 1;
      return [`${day.weekday.slice(0, 3)} *-${inMonths}-${two(first)}..${two(first + 6)} ${at}`];
    }
    case 'last':
      return months === undefined
        ? [`*-*~01 ${at}`]
        : lastDays(months).map(
            ({ day: last, months: these }) => `*-${these.map(two).join(',')}-${last} ${at}`,
          );
  }
}
