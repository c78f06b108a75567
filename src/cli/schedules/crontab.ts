// Schedules as the lines of a crontab: crontab(5). Called by ../schedule.ts.

import { commandOf, cronTimes, quoted, type ScheduleEntry, titleLines } from './entry.ts';

export function crontabText(entries: readonly ScheduleEntry[], folder: string): string {
  const blocks = entries.map((entry) => {
    const title = titleLines(entry).map((line) => `# ${line}`);
    if (entry.time === undefined) return [...title, '# (a tag starts it, not cron)'];
    const command = escaped(`cd ${quoted(folder)} && ${commandOf(entry)}`);
    const lines = cronTimes(entry.time).map(({ fields, weekday }) => {
      // A day of the month and one of the week in the same line would mean either of them.
      const guard = weekday === undefined ? '' : `[ "$(date +${String.raw`\%`}u)" = ${weekday} ] && `;
      return `${fields} ${guard}${command}`;
    });
    return [...title, `CRON_TZ=${entry.timeZone}`, ...lines];
  });
  const note = '# Where cron does not know CRON_TZ (Debian), the hour is that of the machine.';
  return `${[[note], ...blocks].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** A % ends the command of a crontab. */
function escaped(command: string): string {
  return command.replaceAll('%', String.raw`\%`);
}
