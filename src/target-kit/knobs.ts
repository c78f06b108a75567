// Reads the knobs of targets from the environment. Called by targets.

import { UsageError } from '../model/errors.ts';
import type { TargetOptions } from './target.ts';

export type KnobEnv = NonNullable<TargetOptions['env']>;

/** A number; `fallback` for a variable that is not set, or empty. Throws a `UsageError` for any other text. */
export function readNumber(env: KnobEnv, name: string, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (value >= min && value <= max) return value;
  throw new UsageError(`${name} must be a number from ${min} to ${max}, found ${JSON.stringify(text)}`);
}

/** A whole number; `fallback` for a variable that is not set, or empty. Throws a `UsageError` for any other text. */
export function readWhole(env: KnobEnv, name: string, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(`${name} must be a whole number from ${min} to ${max}, found ${JSON.stringify(text)}`);
}

/** One of `choices`; `null` for a variable that is not set, or empty. Throws a `UsageError` for any other text. */
export function readChoice<Choice extends string>(
  env: KnobEnv,
  name: string,
  choices: readonly Choice[],
): Choice | null {
  const text = env[name];
  if (text === undefined || text === '') return null;
  const choice = choices.find((one) => one === text);
  if (choice !== undefined) return choice;
  throw new UsageError(`${name} must be one of ${choices.join(', ')}, found ${JSON.stringify(text)}`);
}
