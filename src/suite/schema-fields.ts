// The small words of the suite schema: durations, counts, weights, tags, and objects without unknown keys.
// Each carries its expectation in plain words, which becomes the text of the mistake.

import { z } from 'zod';
import { formatDuration, longestMs, parseDuration } from '../time/duration.ts';
import { listNames } from './mistake.ts';

/** One schema per key of `T`, no more and no less, so that schema and type cannot drift apart. */
export type ShapeOf<T> = { readonly [Key in keyof Required<T>]: z.ZodType };

/**
 * An object that has these keys and no others. The keys allowed travel in the message of `unrecognized_keys`
 * issues, separated by blanks, where mistakes.ts finds them for its suggestions.
 */
export function strictObject(shape: Record<string, z.ZodType>, what: string): z.ZodType {
  const keys = Object.keys(shape).join(' ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys : what),
  });
}

/** An object with keys of the suite's own, whatever they are: zod itself would not look at what stands at `__proto__`. */
export function record(value: z.ZodType, what: string): z.ZodType {
  const named = z.record(z.string(), value, { error: what });
  const withPrototype = z.unknown().superRefine((given, context) => {
    const own: unknown = Object.getOwnPropertyDescriptor(given, prototypeKey)!.value;
    addIssues(context, named, given, []);
    addIssues(context, value, own, [prototypeKey]);
  });
  return chosenBy((given) => (hasPrototypeKey(given) ? withPrototype : named));
}

const prototypeKey = '__proto__';

function hasPrototypeKey(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, prototypeKey);
}

function addIssues(
  context: z.RefinementCtx,
  schema: z.ZodType,
  value: unknown,
  path: readonly string[],
): void {
  const result = schema.safeParse(value);
  if (result.success) return;
  for (const issue of result.error.issues) {
    context.addIssue({ ...issue, path: [...path, ...issue.path], input: value } as never);
  }
}

export function list(item: z.ZodType, what: string, least = 0): z.ZodType {
  return z.array(item, { error: what }).min(least, { error: what });
}

/**
 * Validates with the schema that `pick` chooses for the value. In place of zod's unions, which answer with
 * "invalid union" where one field is wrong.
 */
export function chosenBy(pick: (value: unknown) => z.ZodType): z.ZodType {
  return z.unknown().superRefine((value, context) => {
    addIssues(context, pick(value), value, []);
  });
}

/**
 * An object whose `kind` says which of the shapes it has; of an unknown kind only that is said. `noun` is `monitor`,
 * `article` what stands before it, `example` an object of some kind.
 */
export function ofKind(
  shapes: Readonly<Record<string, Record<string, z.ZodType>>>,
  { article, noun, example }: { readonly article: string; readonly noun: string; readonly example: string },
): z.ZodType {
  const kinds = Object.keys(shapes);
  const unknown = z.looseObject(
    { kind: z.enum(kinds, { error: `a kind of ${noun}: ${listNames(kinds)}` }) },
    { error: `${article} ${noun} such as ${example}` },
  );
  return chosenBy((value) => {
    const kind = typeof value === 'object' && value !== null ? (value as { kind?: unknown }).kind : undefined;
    if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind)) return unknown;
    return strictObject(shapes[kind]!, `${article} ${noun}`);
  });
}

/** Always fails, with this expectation. */
function never(expected: string): z.ZodType {
  return z.custom(() => false, { error: expected });
}

export function where(holds: (value: unknown) => boolean, expected: string): z.ZodType {
  return z.custom(holds, { error: expected });
}

/** As `where`, for values that can be wrong in several ways: `mistakeOf` says what is expected, if it is wrong. */
export function unless(mistakeOf: (value: unknown) => string | undefined): z.ZodType {
  return z.custom((value) => mistakeOf(value) === undefined, { error: ({ input }) => mistakeOf(input) });
}

export const text = (expected: string): z.ZodType =>
  z.string({ error: expected }).min(1, { error: expected });
/** A regular expression, as a text that is not empty. */
export const pattern = (example: string): z.ZodType =>
  where(isPattern, `a regular expression such as "${example}"`);

function isPattern(value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false;
  try {
    return new RegExp(value) instanceof RegExp;
  } catch {
    return false;
  }
}

/** A text, which may be empty. */
export const anyText = z.string({ error: 'a text' });
/** One of a few texts. */
export function oneOf(...values: readonly string[]): z.ZodType {
  return z.enum(values, { error: values.map((value) => `"${value}"`).join(' or ') });
}
export const flag = z.boolean({ error: 'true or false' });
export const number = (least: number, most: number, expected: string): z.ZodType =>
  where((value) => typeof value === 'number' && value >= least && value <= most, expected);
export const whole = (least: number, most: number): z.ZodType =>
  where(
    (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
    `a whole number from ${least} to ${most}`,
  );
export const positive = (expected: string): z.ZodType =>
  where((value) => typeof value === 'number' && Number.isFinite(value) && value > 0, expected);
/** So that sums and products of weights are finite. */
export const greatestWeight = 1e6;
export const weightSuchAs = (example: number): z.ZodType =>
  where(
    (value) => typeof value === 'number' && value > 0 && value <= greatestWeight,
    `a weight above 0, such as ${example}, and at most ${greatestWeight}`,
  );
export const weight = weightSuchAs(70);
/** Users with or without weights. */
export const userMix = chosenBy((value) =>
  Array.isArray(value)
    ? list(text('the name of a user'), 'names of users', 1)
    : record(weight, 'names of users such as ["buyer"], or with weights such as { buyer: 60 }'),
);
export const probability = number(0, 1, 'a probability from 0 to 1, such as 0.25');

/** A duration of at least `leastMs`. */
export function duration(leastMs = 0): z.ZodType {
  return z.custom(
    (value) => {
      const ms = parseDuration(value);
      return ms !== undefined && ms >= leastMs && ms <= longestMs;
    },
    {
      error: (issue) => {
        const ms = parseDuration(issue.input);
        if (ms === undefined) return 'a duration such as "1m30s"';
        return ms > longestMs
          ? `a duration of at most ${formatDuration(longestMs)}`
          : `a duration of at least ${formatDuration(leastMs)}`;
      },
    },
  );
}

export const tags = record(
  z.string({ error: 'a text; tag values are texts, so write "1" for 1' }),
  'tags such as { team: "web" }',
);

export const aFunction = chosenBy((value) =>
  typeof value === 'string'
    ? never('a function; code needs a suite in TypeScript or JavaScript, without code write `requests`')
    : where((one) => typeof one === 'function', 'a function such as async ({ http }) => { ... }'),
);

const aRange = 'a range such as ["1s", "3s"], the shorter first';

export const thinkTime = chosenBy((value) => {
  if (typeof value === 'function') return z.unknown();
  if (!Array.isArray(value)) {
    return where(
      (one) => parseDuration(one) !== undefined,
      'a duration such as "500ms", a range such as ["1s", "3s"], or a function that returns ms',
    );
  }
  return where((one) => {
    const [from, to, ...rest] = (one as unknown[]).map(parseDuration);
    return from !== undefined && to !== undefined && rest.length === 0 && from <= to;
  }, aRange);
});

export const webUrl = where(isWebUrl, 'an http or https URL such as "http://127.0.0.1:8000"');

function isWebUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  return ['http:', 'https:', 'http+unix:'].includes(new URL(value).protocol);
}

/** How virtual users share connections to one server: each its own, or one pool for all. */
export const connectionsOfUsers = chosenBy((value) =>
  typeof value === 'object' && value !== null
    ? strictObject({ pool: whole(1, 100_000) }, 'a pool such as { pool: 20 }')
    : z.literal('per-vu', { error: '"per-vu", or a pool such as { pool: 20 }' }),
);
