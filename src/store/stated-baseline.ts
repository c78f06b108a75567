// Reads baseline files that other tools or people wrote: figures per endpoint, or those of a single user. Called by
// baseline-file.ts for JSON that is none of our own files.

import type { StatedBaseline, StatedFigures } from '../model/baseline.ts';
import { UsageError } from '../model/errors.ts';
import { parseDuration } from '../time/duration.ts';

type Fields = Readonly<Record<string, unknown>>;

const mostEntries = 1000;
const mostNotes = 50;
/** Without a unit, shares of failures up to here are taken as shares, and shares that reach more than 1 as percent. */
const surelyShare = 0.05;

const hint =
  'readable are an object of endpoints with p50, p95, p99 (ms), rps and error_rate, and an object with single_user_p95, optimal_throughput and baseline_error_rate';

/** Throws a `UsageError` that names the first thing that cannot be read; `value` is parsed JSON. */
export function readStatedBaseline(path: string, value: unknown): StatedBaseline {
  if (!isObject(value) && !Array.isArray(value)) fail(path, 'expected an object');
  if (isObject(value) && 'single_user_p95' in value) return readSingleUser(path, value);
  return readEndpoints(path, value as Fields | readonly unknown[]);
}

/** Takes comments off JSON that people wrote by hand: `// ms` to the end of the line. Texts stay as they are. */
export function withoutComments(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*/g, (part) => (part.startsWith('"') ? part : ''));
}

function readSingleUser(path: string, value: Fields): StatedBaseline {
  const notes: string[] = [];
  const p95 = timeOf(path, 'single_user_p95', value.single_user_p95);
  const { optimal_throughput: throughput, baseline_error_rate: failed, ...others } = value;
  if (throughput !== undefined)
    notes.push('optimal_throughput is read as requests per minute of the one user.');
  const perMinute =
    throughput === undefined ? undefined : numberOf(path, 'optimal_throughput', throughput, '');
  const [share] = failed === undefined ? [] : sharesOf(path, [['baseline_error_rate', failed]], notes);
  for (const name of Object.keys(others)) {
    if (name !== 'single_user_p95') notes.push(notReadText(name, others[name]));
  }
  return {
    layout: 'single-user',
    entries: [
      {
        times: [{ percentile: 95, ms: p95 }],
        ...(perMinute !== undefined && { perSec: perMinute / 60 }),
        ...(share !== undefined && { failed: share }),
      },
    ],
    notes: boundNotes(notes),
    named: [],
  };
}

function notReadText(name: string, value: unknown): string {
  const inner = isObject(value) ? ` (${Object.keys(value).slice(0, 6).join(', ')})` : '';
  const advice = name.includes('resource') ? '; a threshold on a monitor of the target can hold it' : '';
  return `${name}${inner} is not compared${advice}.`;
}

function readEndpoints(path: string, value: Fields | readonly unknown[]): StatedBaseline {
  const notes: string[] = [];
  const raw = rawEntries(path, value, notes);
  if (raw.length === 0) fail(path, 'it has no figures of endpoints');
  if (raw.length > mostEntries) fail(path, `it has ${raw.length} endpoints, at most ${mostEntries} are read`);
  const names = raw.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) fail(path, `${twice} stands there twice`);
  const read = raw.map(([name, fields]) => readFigures(path, name, fields, notes));
  const stated = read.flatMap(({ name, failed }) => (failed === undefined ? [] : [[name, failed] as const]));
  const shares = new Map(sharesOf(path, stated, notes).map((share, i) => [stated[i]![0], share] as const));
  return {
    layout: 'endpoints',
    entries: read.map(({ name, times, perSec }): StatedFigures => {
      const failed = shares.get(name);
      return {
        name,
        times,
        ...(perSec !== undefined && { perSec }),
        ...(failed !== undefined && { failed }),
      };
    }),
    notes: boundNotes(notes),
    named: [],
  };
}

/** Names with their figures: a list of objects with a name, or an object by name, perhaps within one of these keys. */
function rawEntries(
  path: string,
  value: Fields | readonly unknown[],
  notes: string[],
): (readonly [string, Fields])[] {
  if (Array.isArray(value)) {
    return value.map((one: unknown, i) => {
      const name = isObject(one) ? (one.name ?? one.endpoint) : undefined;
      if (!isObject(one) || typeof name !== 'string' || name === '')
        return fail(path, `[${i}]: expected an object with a name`);
      const { name: _name, endpoint: _endpoint, ...fields } = one;
      return [name, fields] as const;
    });
  }
  const fields = value as Fields;
  const key = ['endpoints', 'baselines', 'baseline', 'operations', 'metrics'].find(
    (one) => isObject(fields[one]) || Array.isArray(fields[one]),
  );
  const others = Object.keys(fields).filter((name) => name !== key);
  if (key !== undefined) {
    if (others.length > 0) notes.push(`Not read of the file: ${others.slice(0, 8).join(', ')}.`);
    return rawEntries(path, fields[key] as Fields | readonly unknown[], notes);
  }
  return others.flatMap((name): (readonly [string, Fields])[] => {
    const figures = fields[name];
    if (isObject(figures)) return [[name, figures]];
    if (typeof figures === 'string') {
      notes.push(`Not read of the file: ${name}.`);
      return [];
    }
    return fail(path, `${name}: expected an object of figures`);
  });
}

interface ReadFigures {
  readonly name: string;
  readonly times: { readonly percentile: number; readonly ms: number }[];
  readonly perSec?: number;
  /** As it stands there, under the name that it has. */
  readonly failed?: unknown;
}

const nested = ['responsetime', 'latency', 'percentiles', 'duration', 'responsetimems', 'latencyms'];
const ratePattern = /^(rps|requestspersec(ond)?|reqspersec(ond)?|throughput(rps|persec(ond)?)?)$/;
const failedPattern =
  /^(error|errors|failure|failures|failed)(rate|ratio|share|percent|pct|ratepercent|ratepct)$/;
/** A count, unless the value has a percent sign: how many of how many nobody can tell. */
const failedCountPattern = /^(error|errors|failure|failures|failed)(count)?$/;

const bareThroughput = 'throughput without a unit is read as requests per second.';

function readFigures(path: string, name: string, fields: Fields, notes: string[]): ReadFigures {
  const times: { percentile: number; ms: number }[] = [];
  let perSec: number | undefined;
  let failed: unknown;
  const take = (key: string, value: unknown): void => {
    const plain = key.toLowerCase().replace(/[^a-z\d.]/g, '');
    const where = `${name}.${key}`;
    if (nested.includes(plain) && isObject(value)) {
      for (const [inner, one] of Object.entries(value)) take(inner, one);
      return;
    }
    const percentile =
      /^p(\d{1,2}(?:\.\d+)?)(?:ms)?$/.exec(plain)?.[1] ?? (/^med(ian)?(ms)?$/.test(plain) ? '50' : '');
    if (percentile !== '' && Number(percentile) > 0)
      times.push({ percentile: Number(percentile), ms: timeOf(path, where, value) });
    else if (ratePattern.test(plain)) {
      perSec = numberOf(path, where, value, '/s');
      const isBare = plain === 'throughput' && !String(value).trim().endsWith('/s');
      if (isBare && !notes.includes(bareThroughput)) notes.push(bareThroughput);
    } else if (failedPattern.test(plain))
      failed = /percent|pct/.test(plain) && typeof value === 'number' ? `${value}%` : value;
    else if (failedCountPattern.test(plain)) {
      if (typeof value === 'string' && value.trim().endsWith('%')) failed = value;
      else
        notes.push(
          `Not read of ${name}: ${key}, which may be a count. A share is read as error_rate, or with a percent sign.`,
        );
    } else notes.push(`Not read of ${name}: ${key}.`);
  };
  for (const [key, value] of Object.entries(fields)) take(key, value);
  if (times.length === 0 && perSec === undefined && failed === undefined)
    fail(
      path,
      `${name} has no figure that can be read, only ${Object.keys(fields).slice(0, 8).join(', ') || 'nothing'}`,
    );
  return { name, times, ...(perSec !== undefined && { perSec }), ...(failed !== undefined && { failed }) };
}

/** A number is ms; text has a unit. */
function timeOf(path: string, where: string, value: unknown): number {
  const ms = parseDuration(typeof value === 'string' ? value.replace(/\s+/g, '') : value);
  if (ms === undefined || ms === 0)
    fail(path, `${where}: expected a time above 0 in ms, found ${shown(value)}`);
  return ms;
}

function numberOf(path: string, where: string, value: unknown, unit: string): number {
  const text = typeof value === 'string' ? value.replace(/\s+/g, '') : undefined;
  const bare = text !== undefined && unit !== '' && text.endsWith(unit) ? text.slice(0, -unit.length) : text;
  const number = bare === undefined ? value : bare === '' ? Number.NaN : Number(bare);
  if (typeof number !== 'number' || !Number.isFinite(number) || number < 0)
    fail(path, `${where}: expected a number of at least 0, found ${shown(value)}`);
  return number;
}

/**
 * Shares of 0..1, in the order given. `2%` says what it is. Numbers do not: when any of them is above 1, all are percent;
 * when all are at most 0.05, all are shares; anything between might be either and is refused.
 */
function sharesOf(
  path: string,
  all: readonly (readonly [name: string, value: unknown])[],
  notes: string[],
): number[] {
  const numbers = all.flatMap(([, value]) => (typeof value === 'number' ? [value] : []));
  const most = Math.max(0, ...numbers);
  const isPercent = most > 1;
  if (most > 0) {
    if (!isPercent && most > surelyShare)
      fail(
        path,
        `nobody can tell whether an error rate of ${most} is a share or percent: write "${most}%" or "${Number((most * 100).toPrecision(6))}%"`,
      );
    notes.push(
      isPercent
        ? `Error rates are read as percent: ${most} is ${most} %.`
        : `Error rates are read as shares: ${most} is ${Number((most * 100).toPrecision(6))} %.`,
    );
  }
  return all.map(([name, value]) => {
    const inPercent = typeof value === 'string' && value.trim().endsWith('%');
    const number = numberOf(path, `error rate of ${name}`, value, '%');
    if (typeof value === 'string' && !inPercent)
      fail(path, `error rate of ${name}: expected a number or percent such as "2%", found ${shown(value)}`);
    const share = inPercent || isPercent ? number / 100 : number;
    if (share > 1) fail(path, `error rate of ${name}: expected at most 100 %, found ${shown(value)}`);
    return share;
  });
}

function boundNotes(notes: readonly string[]): string[] {
  const more = notes.length - mostNotes;
  return more > 0
    ? [...notes.slice(0, mostNotes), `${more} more parts of the file were not read.`]
    : [...notes];
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fail(path: string, what: string): never {
  throw new UsageError(`${path} is not a baseline file that can be read: ${what}`, { hint });
}
