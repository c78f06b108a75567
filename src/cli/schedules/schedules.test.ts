import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ScheduleDefinition } from '../../model/schedule.ts';
import { parseScheduleTime } from '../../suite/schedule-time.ts';
import { findMistakes } from '../../suite/schema.ts';
import { crontabText } from './crontab.ts';
import { cronTimes, entriesOf } from './entry.ts';
import { calendarOf, systemdText } from './systemd.ts';
import { workflowText } from './workflow.ts';

const hourMs = 3_600_000;
/** A year that is no leap year. */
const hours = Array.from({ length: 365 * 24 }, (_, i) => new Date(Date.UTC(2026, 0, 1) + i * hourMs));

/** The moments of a year at which fields of cron are true: crontab(5), either of two restricted days. */
function momentsOf(when: string): string[] {
  const times = cronTimes(parseScheduleTime(when)!);
  const isIn = (field: string, value: number): boolean =>
    field === '*' ||
    field.split(',').some((part) => {
      const [from, to = from] = part.split('-').map(Number);
      return value >= from! && value <= to!;
    });
  return hours
    .filter((at) =>
      times.some(({ fields, weekday }) => {
        const [minute, hour, day, month, weekdayField] = fields.split(' ') as [
          string,
          string,
          string,
          string,
          string,
        ];
        const days = [isIn(day, at.getUTCDate()), isIn(weekdayField, at.getUTCDay())];
        const isDay = day !== '*' && weekdayField !== '*' ? days.some(Boolean) : days.every(Boolean);
        const isGuarded = weekday === undefined || weekday % 7 === at.getUTCDay();
        return (
          isIn(minute, 0) &&
          isIn(hour, at.getUTCHours()) &&
          isIn(month, at.getUTCMonth() + 1) &&
          isDay &&
          isGuarded
        );
      }),
    )
    .map((at) => at.toISOString().slice(0, 13));
}

describe('when a schedule is due', () => {
  test('every day at an hour', () => {
    expect(momentsOf('every day at 02:00')).toHaveLength(365);
    expect(momentsOf('every day at 02:00')[0]).toBe('2026-01-01T02');
  });

  test('every Sunday: 52 of them in 2026, the first on the 4th of January', () => {
    expect(momentsOf('every Sunday at 02:00')).toHaveLength(52);
    expect(momentsOf('every sunday at 2:00')[0]).toBe('2026-01-04T02');
  });

  test('the first Monday of each month, and no other Monday or first', () => {
    expect(momentsOf('first Monday of the month at 03:00')).toEqual(
      [
        '01-05',
        '02-02',
        '03-02',
        '04-06',
        '05-04',
        '06-01',
        '07-06',
        '08-03',
        '09-07',
        '10-05',
        '11-02',
        '12-07',
      ].map((day) => `2026-${day}T03`),
    );
    expect(momentsOf('third Wednesday of the quarter at 03:00')).toEqual(
      ['01-21', '04-15', '07-15', '10-21'].map((day) => `2026-${day}T03`),
    );
  });

  test('the last day of each month, and of each quarter', () => {
    expect(momentsOf('last day of the month at 09:00')).toEqual(
      [
        '01-31',
        '02-28',
        '03-31',
        '04-30',
        '05-31',
        '06-30',
        '07-31',
        '08-31',
        '09-30',
        '10-31',
        '11-30',
        '12-31',
      ].map((day) => `2026-${day}T09`),
    );
    expect(momentsOf('last day of the quarter at 09:00')).toEqual(
      ['03-31', '06-30', '09-30', '12-31'].map((day) => `2026-${day}T09`),
    );
  });

  test('days by number', () => {
    expect(momentsOf('day 15 of the quarter at 00:00')).toEqual(
      ['01', '04', '07', '10'].map((month) => `2026-${month}-15T00`),
    );
    expect(momentsOf('first day of the month at 00:00')).toHaveLength(12);
  });

  // systemd.time(7): weekday, date with ranges and lists, and ~ for days from the end of the month.
  test.each([
    ['every day at 02:30', ['*-*-* 02:30:00']],
    ['every Sunday at 02:00', ['Sun *-*-* 02:00:00']],
    ['second Monday of the month at 03:00', ['Mon *-*-08..14 03:00:00']],
    ['last day of the month at 09:00', ['*-*~01 09:00:00']],
    ['last day of the quarter at 09:00', ['*-03,12-31 09:00:00', '*-06,09-30 09:00:00']],
    ['day 15 of the quarter at 00:00', ['*-01,04,07,10-15 00:00:00']],
  ])('%s is %j for systemd', (when, calendar) => {
    expect(calendarOf(parseScheduleTime(when)!)).toEqual(calendar);
  });

  test.each([
    'every Funday at 02:00',
    'every day at 24:00',
    'every day at 02:60',
    'every day',
    'day 31 of the month at 02:00',
    'last Friday of the month at 02:00',
    'fifth Monday of the month at 02:00',
    '0 2 * * *',
  ])('%s is no time', (when) => {
    expect(parseScheduleTime(when)).toBeUndefined();
  });
});

const schedules: Record<string, ScheduleDefinition> = {
  weekly: {
    when: 'every Sunday at 02:00',
    profiles: 'all',
    purpose: 'Full suite',
    review: ['Compare with last week'],
  },
  monthly: {
    when: 'first Monday of the month at 02:00',
    profiles: ['stress'],
    flags: ['--compare-baseline'],
  },
  release: { onTags: ['v*-rc*'], profiles: ['smoke', 'load'], environment: 'staging' },
};
const entries = entriesOf({ name: 'shop', schedules }, './my shop/suite.yaml');

test('a crontab has a line for each time, and picks the weekday by itself', () => {
  const text = crontabText(entries, "/srv/o'neil");
  const folder = String.raw`cd '/srv/o'\''neil'`;
  expect(text).toContain(
    '# weekly: every Sunday at 02:00 (UTC)\n# Full suite\n# then: Compare with last week\nCRON_TZ=UTC\n',
  );
  expect(text).toContain(`0 2 * * 0 ${folder} && npx plimsoll run './my shop/suite.yaml' --all\n`);
  expect(text).toContain(
    `0 2 1-7 * * [ "$(date +${String.raw`\%`}u)" = 1 ] && ${folder} && npx plimsoll run './my shop/suite.yaml' --profile stress --compare-baseline`,
  );
  expect(text).toContain('(a tag starts it, not cron)');
});

test('systemd has a service and a timer for each', () => {
  const text = systemdText(entries, '/srv/shop');
  expect(text).toContain('# /etc/systemd/system/plimsoll-shop-monthly.timer');
  expect(text).toContain('OnCalendar=Mon *-*-01..07 02:00:00 UTC\nPersistent=true');
  expect(text).toContain(
    String.raw`ExecStart=/bin/sh -c 'npx plimsoll run \x27./my shop/suite.yaml\x27 --all'`,
  );
});

test('a workflow has a job for each, which runs when its own time or tag comes', () => {
  interface Workflow {
    on: { schedule: { cron: string }[]; push: { tags: string[] } };
    jobs: Record<string, { if: string; steps: { run?: string }[] }>;
  }
  const workflow = parse(workflowText(entries)) as Workflow;
  expect(workflow.on).toEqual({
    schedule: [{ cron: '0 2 * * 0' }, { cron: '0 2 1-7 * *' }],
    push: { tags: ['v*-rc*'] },
    workflow_dispatch: {},
  });
  expect(Object.keys(workflow.jobs)).toEqual(['weekly', 'monthly', 'release']);
  expect(workflow.jobs.weekly!.if).toBe(
    "github.event.schedule == '0 2 * * 0' || github.event_name == 'workflow_dispatch'",
  );
  expect(workflow.jobs.monthly!.steps[3]!.run).toContain('[ "$(date -u +%u)" = 1 ]');
  expect(workflow.jobs.release!.if).toContain("github.event_name == 'push'");
  const inRome = entriesOf(
    { name: 'shop', schedules: { night: { ...schedules.weekly!, timeZone: 'Europe/Rome' } } },
    'shop',
  );
  expect(() => workflowText(inRome)).toThrow(/schedules\.night is in Europe\/Rome/);
});

test('what is wrong with schedules is told before anything is written', () => {
  const suite = {
    name: 'shop',
    users: { buyer: { tasks: { price: { run: () => undefined } } } },
    profiles: { smoke: { executor: 'constant-vus', vus: 1, duration: '1s' } },
    environments: { staging: {} },
    schedules: {
      weekly: { when: 'on Sundays', profiles: 'every' },
      other: { profiles: ['smok'], environment: 'stagin' },
      zoned: { onTags: ['v*'], timeZone: 'Mars/Olympus', profiles: [], flags: ['--export x; rm'] },
    },
  };
  const mistakes = findMistakes(suite).map(({ path, expected, suggestion }) => [
    path,
    suggestion ?? expected,
  ]);
  expect(Object.fromEntries(mistakes)).toMatchObject({
    'schedules.weekly.when': expect.stringContaining('every Sunday at 02:00') as string,
    'schedules.weekly.profiles': expect.stringContaining('"all"') as string,
    'schedules.other': expect.stringContaining('nothing starts it') as string,
    'schedules.other.profiles[0]': 'smoke',
    'schedules.other.environment': 'staging',
    'schedules.zoned.timeZone': expect.stringContaining('Europe/Rome') as string,
    'schedules.zoned.profiles': expect.stringContaining('profiles') as string,
    'schedules.zoned.flags[0]': expect.stringContaining('--compare-baseline') as string,
  });
});

test('reports can have the day in their names', () => {
  const dated = entriesOf(
    {
      name: 'shop',
      schedules: {
        weekly: {
          when: 'every Monday at 06:00',
          profiles: ['normal'],
          flags: ['--export', 'perf_{date}.txt'],
        },
      },
    },
    'shop',
  );
  expect(crontabText(dated, '/srv')).toContain(String.raw`--export perf_"$(date +\%Y\%m\%d)".txt`);
  expect(systemdText(dated, '/srv')).toContain('--export perf_"$$(date +%%Y%%m%%d)".txt');
  expect(workflowText(dated)).toContain('perf_"$(date +%Y%m%d)".txt');
});
