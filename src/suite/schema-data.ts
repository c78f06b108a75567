// The schema of test data: where the rows of a feeder come from, and how users take them. Used by schema.ts.

import type { z } from 'zod';
import type { FeederDefinition } from '../model/feeder.ts';
import {
  aFunction,
  chosenBy,
  list,
  oneOf,
  record,
  type ShapeOf,
  strictObject,
  text,
  where,
  whole,
} from './schema-fields.ts';

const aScalar = where(isScalar, 'a text, a number, or true or false');

const aColumn =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a text of a suite
  'a text such as "user${row}@example.com", { between: [1, 100] }, { oneOf: ["a", "b"] }, or a constant';

const column = chosenBy((value) => {
  if (typeof value !== 'object' || value === null) return where(() => isScalar(value), aColumn);
  if ('oneOf' in value) return strictObject({ oneOf: list(aScalar, 'a list of values', 1) }, aColumn);
  return strictObject(
    {
      between: where(isSpan, 'the least and the greatest number, such as [1, 100]'),
      decimals: whole(0, 9).optional(),
    },
    aColumn,
  );
});

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function isSpan(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [least, most] = value as unknown[];
  return Number.isFinite(least) && Number.isFinite(most) && (least as number) <= (most as number);
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: a text of a suite
const columns = record(column, 'columns such as { email: "user${row}@example.com" }, or a function');
const generate = chosenBy((value) => (typeof value === 'function' ? aFunction : columns));

const row = where(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'a row such as { email: "ada@example.com" }',
);

const feederShape = {
  file: text('the path of a file beside the suite, such as "./customers.csv"').optional(),
  format: oneOf('csv', 'json', 'jsonl').optional(),
  delimiter: where(
    (value) => typeof value === 'string' && /^(?:\t|[ -~])$/.test(value) && !/["\w]/.test(value),
    'one character such as ";" or "\\t"',
  ).optional(),
  columns: list(text('the name of a column'), 'names of columns such as ["email", "password"]', 1).optional(),
  rows: list(row, 'a list of one or more rows', 1).optional(),
  generate: generate.optional(),
  count: whole(1, Number.MAX_SAFE_INTEGER).optional(),
  policy: oneOf('circular', 'unique', 'random', 'sequential').optional(),
  per: oneOf('iteration', 'user', 'call').optional(),
  atEnd: oneOf('wrap', 'stop-user', 'end-scenario', 'fail').optional(),
  secrets: list(text('the name of a column'), 'names of columns such as ["password"]').optional(),
} satisfies ShapeOf<FeederDefinition>;

export const data: z.ZodType = record(
  strictObject(feederShape, 'test data such as { file: "./customers.csv", policy: "unique" }'),
  'test data by name, such as { customers: { file: "./customers.csv" } }',
);
