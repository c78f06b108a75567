// `plimsoll schedule`: the schedules of a suite for whatever starts them. Called by commands/define-schedule.ts.

import process from 'node:process';
import { UsageError } from '../model/errors.ts';
import { listNames } from '../suite/mistake.ts';
import { loadSuite } from '../suite/suite.ts';
import { nearestName } from '../text/nearest-name.ts';
import { crontabText } from './schedules/crontab.ts';
import { commandOf, entriesOf, type ScheduleEntry, titleLines } from './schedules/entry.ts';
import { systemdText } from './schedules/systemd.ts';
import { workflowText } from './schedules/workflow.ts';

export const scheduleFormats = ['list', 'crontab', 'systemd', 'workflow'] as const;
export type ScheduleFormat = (typeof scheduleFormats)[number];

export interface ScheduleRequest {
  readonly format: ScheduleFormat;
  /** Only this one. */
  readonly name?: string | undefined;
}

/** Text of a suite's schedules. Throws what `loadSuite` throws, and a `UsageError` where there is nothing to write. */
export async function scheduleText(suite: string, { format, name }: ScheduleRequest): Promise<string> {
  const { definition } = await loadSuite(suite, { env: process.env, mayLackEnv: true });
  const all = entriesOf(definition, suite);
  if (all.length === 0) {
    throw new UsageError(`the suite ${definition.name} has no schedules`, {
      hint: 'add some, such as schedules: { weekly: { when: "every Sunday at 02:00", profiles: "all" } }',
    });
  }
  const entries = name === undefined ? all : all.filter((entry) => entry.name === name);
  if (entries.length === 0) {
    const names = all.map((entry) => entry.name);
    const nearest = nearestName(name ?? '', names);
    throw new UsageError(`the suite ${definition.name} has no schedule "${name}"`, {
      hint: nearest === undefined ? `it has ${listNames(names)}` : `did you mean "${nearest}"?`,
    });
  }
  switch (format) {
    case 'crontab':
      return crontabText(entries, process.cwd());
    case 'systemd':
      return systemdText(entries, process.cwd());
    case 'workflow':
      return workflowText(entries);
    default:
      return entries.map(listed).join('\n');
  }
}

function listed(entry: ScheduleEntry): string {
  return `${[...titleLines(entry), commandOf(entry)].map((line, i) => (i === 0 ? line : `  ${line}`)).join('\n')}\n`;
}
