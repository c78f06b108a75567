// The shape of a suite's schedules. Called by schema.ts.

import type { z } from 'zod';
import type { ScheduleDefinition } from '../model/schedule.ts';
import { isTimeZone, parseScheduleTime, scheduleTimeExamples } from './schedule-time.ts';
import { chosenBy, list, record, type ShapeOf, strictObject, text, where } from './schema-fields.ts';

const profiles = chosenBy((value) =>
  Array.isArray(value)
    ? list(text('the name of a profile'), 'names of profiles such as ["smoke"]', 1)
    : where((one) => one === 'all', 'names of profiles such as ["smoke", "normal"], or "all"'),
);

const scheduleShape = {
  when: where(
    (value) => typeof value === 'string' && parseScheduleTime(value) !== undefined,
    scheduleTimeExamples,
  ).optional(),
  timeZone: where(isTimeZone, 'a time zone such as "UTC" or "Europe/Rome"').optional(),
  onTags: list(
    where(
      (value) => typeof value === 'string' && /^[\w.*/+-]+$/.test(value),
      'a pattern of tags such as "v*-rc*"',
    ),
    'patterns of tags such as ["v*-rc*"]',
    1,
  ).optional(),
  profiles,
  environment: text('the name of an environment of the suite').optional(),
  flags: list(
    where(
      (value) => typeof value === 'string' && /^[\w@%+=:,./{}-]+$/.test(value),
      'a flag of `plimsoll run` such as "--compare-baseline"',
    ),
    'flags of `plimsoll run` such as ["--compare-baseline"]',
  ).optional(),
  purpose: text('a sentence').optional(),
  review: list(
    text('a sentence'),
    'what people do with the results, such as ["Compare with last week"]',
  ).optional(),
} satisfies ShapeOf<ScheduleDefinition>;

export const schedules: z.ZodType = record(
  strictObject(scheduleShape, 'a schedule such as { when: "every Sunday at 02:00", profiles: "all" }'),
  'schedules by name, such as { weekly: { when: "every Sunday at 02:00", profiles: "all" } }',
);
