// Small schemas that the record's schema files share.

import { z } from 'zod';

/** For those to whom these words are handed in. */
export { z };

export const text = z.string().min(1);
/** A number of things: never negative. */
export const count = z.number().nonnegative();
/** A duration or a point of run time in milliseconds. */
export const ms = z.number().nonnegative();
export const tags = z.record(z.string(), z.string()).describe('Tag names to values.');

/**
 * Lists longer than this are not ours: runs bound theirs far below, and what is made of a record may take the square of
 * their lengths.
 */
export const mostEntries = 20_000;

/** An object with any keys and values of one shape. */
export function series<Value extends z.ZodType>(value: Value): z.ZodRecord<z.ZodString, Value> {
  return z.record(z.string(), value);
}

/** How virtual users share connections to one server. */
export const connectionsOfUsers = z.union([z.literal('per-vu'), z.strictObject({ pool: count })]);
