// Schedules as a workflow of GitHub Actions, whose clock is in UTC. Called by ../schedule.ts.

import { stringify } from 'yaml';
import { UsageError } from '../../model/errors.ts';
import { commandOf, cronTimes, type ScheduleEntry, titleLines } from './entry.ts';

/** Throws a `UsageError` for a schedule in another time zone than UTC: its hour in UTC changes twice a year. */
export function workflowText(entries: readonly ScheduleEntry[]): string {
  const crons = entries.flatMap((entry) =>
    entry.time === undefined ? [] : cronTimes(entry.time).map(({ fields }) => fields),
  );
  const tags = entries.flatMap(({ definition }) => definition.onTags ?? []);
  const jobs = Object.fromEntries(entries.map((entry) => [jobName(entry), jobOf(entry)]));
  const workflow = {
    name: `Load tests of ${entries[0]?.suite ?? 'the suite'}`,
    on: {
      ...(crons.length > 0 && { schedule: [...new Set(crons)].map((cron) => ({ cron })) }),
      ...(tags.length > 0 && { push: { tags: [...new Set(tags)] } }),
      workflow_dispatch: {},
    },
    jobs,
  };
  const comments = entries.flatMap(titleLines).map((line) => `# ${line}`);
  return `${comments.join('\n')}\n${stringify(workflow, { lineWidth: 0 })}`;
}

function jobName({ name }: ScheduleEntry): string {
  return name.replaceAll(/[^\w-]+/g, '-').replace(/^(?![A-Za-z_])/, '_');
}

function jobOf(entry: ScheduleEntry): unknown {
  const { time, timeZone, name, definition } = entry;
  if (time !== undefined && timeZone !== 'UTC') {
    throw new UsageError(`schedules.${name} is in ${timeZone}, and workflows know no time zone but UTC`, {
      hint: 'set timeZone to "UTC" and `when` to the hour there, or use --format crontab or systemd',
    });
  }
  const times = time === undefined ? [] : cronTimes(time);
  const bySchedule = times.map(({ fields }) => `github.event.schedule == '${fields}'`);
  const byTag = definition.onTags === undefined ? [] : ["github.event_name == 'push'"];
  const weekday = times.find((one) => one.weekday !== undefined)?.weekday;
  const command = commandOf(entry);
  return {
    'runs-on': 'ubuntu-latest',
    if: [...bySchedule, ...byTag, "github.event_name == 'workflow_dispatch'"].join(' || '),
    steps: [
      { uses: 'actions/checkout@v4' },
      { uses: 'actions/setup-node@v4', with: { 'node-version': '22' } },
      { run: 'npm ci' },
      {
        // A day of the month and one of the week in the same line of cron mean either of them.
        run:
          weekday === undefined
            ? command
            : `if [ "$GITHUB_EVENT_NAME" != schedule ] || [ "$(date -u +%u)" = ${weekday} ]; then ${command}; fi`,
      },
      {
        if: 'always()',
        uses: 'actions/upload-artifact@v4',
        with: { name: `results-${jobName(entry)}`, path: 'results/' },
      },
    ],
  };
}
