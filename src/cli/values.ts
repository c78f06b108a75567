// Values on the command line: text in, value out. A value that does not fit is commander's error, which names the flag.

import { InvalidArgumentError } from 'commander';
import { mostWorkers } from '../model/bounds.ts';
import { type ExpectedUsers, mostGrowthPerMonth, mostPlannedUsers } from '../model/capacity-plan.ts';
import { parseSpan } from '../suite/span.ts';
import { formatDuration, longestMs, parseDuration } from '../time/duration.ts';

const mostRounds = 10_000;
const mostLoads = 20;

export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('expected a number above 0.');
  return value;
}

export function positiveWhole(text: string): number {
  const value = positive(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('expected a whole number above 0.');
  return value;
}

/** Of worker processes: more than cores do not drive more load, and each takes memory. */
export function workerNumber(text: string): number {
  const value = positiveWhole(text);
  if (value > mostWorkers) throw new InvalidArgumentError(`expected at most ${mostWorkers}.`);
  return value;
}

/** `1000,2000`: loads, a few at a time. */
export function loads(text: string, earlier: readonly number[] = []): number[] {
  const all = [...earlier, ...text.split(',').map(positive)];
  if (all.length > mostLoads) throw new InvalidArgumentError(`expected at most ${mostLoads} loads.`);
  return all;
}

/** Users that a capacity plan speaks of. */
export function plannedUsers(text: string): number {
  const value = positive(text);
  if (value > mostPlannedUsers) throw new InvalidArgumentError(`expected at most ${mostPlannedUsers} users.`);
  return value;
}

/** `10%`: growth in a month, as a share. */
export function monthlyGrowth(text: string): number {
  const value = percent(text);
  if (value <= mostGrowthPerMonth) return value;
  throw new InvalidArgumentError(`expected growth in a month of ${100 * mostGrowthPerMonth}% at the most.`);
}

/** `3 months=1000,1 year=5000`: users by time from today, ascending by time. */
export function expectedUsers(text: string, earlier: readonly ExpectedUsers[] = []): ExpectedUsers[] {
  const all = text.split(',').map((part): ExpectedUsers => {
    const [title = '', users = ''] = part.split('=');
    const months = parseSpan(title);
    if (months === undefined) {
      throw new InvalidArgumentError(
        'expected times from today with users, such as "3 months=1000,1 year=5000".',
      );
    }
    return { title: title.trim(), months, users: plannedUsers(users) };
  });
  const both = [...earlier, ...all].sort((a, b) => a.months - b.months);
  if (both.length > mostLoads) throw new InvalidArgumentError(`expected at most ${mostLoads} times.`);
  return both;
}

/** How often something is done again. */
export function roundNumber(text: string): number {
  const value = positiveWhole(text);
  if (value > mostRounds) throw new InvalidArgumentError(`expected at most ${mostRounds}.`);
  return value;
}

export function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError(`expected a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`);
  return value;
}

/** `90`, `90s`, `1m30s`: a bare number means seconds, as in most load-testing tools. */
export function seconds(text: string): number {
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('expected a duration such as 90, 90s or 1m30s.');
  assertNotTooLong(ms);
  return ms;
}

function assertNotTooLong(ms: number): void {
  if (ms > longestMs) throw new InvalidArgumentError(`expected at most ${formatDuration(longestMs)}.`);
}

/** `100`, `100ms`, `1s`: a bare number means milliseconds. */
export function milliseconds(text: string): number {
  const ms = parseDuration(/^\d+(\.\d+)?$/.test(text) ? Number(text) : text);
  if (ms === undefined) throw new InvalidArgumentError('expected a duration such as 100, 100ms or 1s.');
  assertNotTooLong(ms);
  return ms;
}

/** `5` or `5%` becomes 0.05. */
export function percent(text: string): number {
  return positive(text.replace(/%$/, '')) / 100;
}

/** `50,95,99.9`: numbers above 0 and below 100. */
export function percentiles(text: string): number[] {
  const values = text.split(',').map((part) => Number(part.trim() === '' ? Number.NaN : part));
  if (values.every((value) => value > 0 && value < 100)) return [...new Set(values)];
  throw new InvalidArgumentError('expected numbers above 0 and below 100 with commas between them.');
}

export function collect(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, ...text.split(',').map((part) => part.trim())];
}

export function collectTag(
  text: string,
  earlier: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('expected name=value.');
  return { ...earlier, [text.slice(0, equals)]: text.slice(equals + 1) };
}

/** One more of a flag that may be repeated; commas belong to the value. */
export function append(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text];
}
