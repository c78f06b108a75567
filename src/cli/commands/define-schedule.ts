// Names, flags and help of `plimsoll schedule`; what it does is in ../schedule.ts. Called by ../main.ts.

import { type Command, Option } from 'commander';
import type { ScheduleFormat } from '../schedule.ts';

export function defineSchedule(program: Command): void {
  program
    .command('schedule')
    .argument('<suite>', 'path or name of the suite')
    .description('print the schedules of a suite for cron, systemd or GitHub Actions')
    .addOption(
      new Option('--format <format>', 'what is to start the runs')
        .choices(['list', 'crontab', 'systemd', 'workflow'])
        .default('list'),
    )
    .option('--name <name>', 'one schedule of the suite (default: all)')
    .addHelpText(
      'after',
      `
A suite says when its runs are due:

  schedules:
    weekly:  { when: every Sunday at 02:00, profiles: all, flags: [--compress, "2"] }
    release: { onTags: ["v*-rc*"], profiles: [smoke, load], environment: staging }

Nothing is installed: the text goes to standard output.

Examples:
  plimsoll schedule ./suite.yaml
  plimsoll schedule ./suite.yaml --format crontab | crontab -
  plimsoll schedule ./suite.yaml --format workflow > .github/workflows/load-tests.yml
  plimsoll schedule jorge --format systemd --name nightly`,
    )
    .action(async (suite: string, flags: { format: ScheduleFormat; name?: string }) => {
      const { scheduleText } = await import('../schedule.ts');
      process.stdout.write(await scheduleText(suite, flags));
    });
}
