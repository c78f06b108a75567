// The schemas of test data: a feeder in a plan, and what became of its rows. Used by plan-schema.ts and
// run-record-schema.ts, which prove that they agree with the interfaces, and by journal-schemas.ts.

import { z } from 'zod';
import { count, ms, text } from './schema-parts.ts';

const rows = count.nullable().describe('Number of rows; null: without end.');

export const feederPlanSchema = z.strictObject({
  name: text,
  source: z.enum(['csv', 'json', 'jsonl', 'rows', 'generated']),
  file: text.exactOptional().describe('Path of the file, as the suite gives it.'),
  sha256: text.exactOptional().describe('SHA-256 of the file, hexadecimal.'),
  rows,
  columns: z.array(z.string()).describe('Empty when a function of the suite makes the rows.'),
  policy: z
    .enum(['circular', 'unique', 'random', 'sequential'])
    .describe(
      '`circular`: all users share one course through the rows. `unique`: each row is given once. `random`: each user draws. `sequential`: each user goes through all rows.',
    ),
  per: z.enum(['iteration', 'user', 'call']).describe('How long a user keeps a row.'),
  atEnd: z.enum(['wrap', 'stop-user', 'end-scenario', 'fail']).describe('What happens when no row is left.'),
  masked: z.array(z.string()).describe('Columns whose values are secrets.'),
});

export const feederRecordSchema = z.strictObject({
  name: text,
  rows,
  given: count.describe('Rows handed to users.'),
  wraps: count.describe('How often the first row followed the last.'),
  refused: count.describe('How often a user asked and no row was left.'),
  usersEnded: count.describe('Users that ended because no row was left for them.'),
  endedAtMs: ms.nullable().describe('Run time at which the first user asked in vain; null: none did.'),
  lost: count.describe('Unique rows that a lost worker had and may have used; they are not given again.'),
});
