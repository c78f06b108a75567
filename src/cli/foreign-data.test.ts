// Records and journals that somebody has changed, with right checksums: each is used, or refused with a message that says
// what is wrong, within seconds. None hangs, and none is taken for a fault of Plimsoll's own.

import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UsageError } from '../model/errors.ts';
import { makeRecord } from '../report/record.cases.ts';
import { makeWatchedRecord } from '../report/watched-record.cases.ts';
import { Histogram } from '../stats/histogram.ts';
import { createRandom } from '../stats/random.ts';
import { journalVersion } from '../store/journal-entries.ts';
import { analyzeCommand } from './analyze.ts';
import { runReport } from './report.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-foreign-'));
  // What the command prints is of no interest here.
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const mostMs = 6000;

/** Resolves with the message of the `UsageError` that it ends with; `undefined` when it comes to a good end. */
async function refusalOf(name: 'run.json' | 'run.journal', text: string): Promise<string | undefined> {
  const file = join(folder, name);
  rmSync(join(folder, 'run.json'), { force: true });
  writeFileSync(file, text);
  // One that was written just now would be of a run that goes on.
  utimesSync(file, 1e9, 1e9);
  const startedAtMs = performance.now();
  try {
    await runReport(folder, {});
    if (name === 'run.json')
      await analyzeCommand([folder], { json: true, reportFile: join(folder, 'a.txt') });
    return undefined;
  } catch (thrown) {
    if (thrown instanceof UsageError) return thrown.message;
    throw thrown;
  } finally {
    expect(performance.now() - startedAtMs).toBeLessThan(mostMs);
  }
}

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('a record', () => {
  const text = JSON.stringify(makeRecord('passing'));
  const watched = JSON.stringify(makeWatchedRecord());

  test.each<[string, string, RegExp]>([
    ['cut off', text.slice(0, -100), /is not JSON/],
    ['of numbers beyond all', text.replace(/"count":\d+/, '"count":1e999'), /not a valid run record/],
    [
      'nested too deep',
      text.replace('"checks":[', `"checks":[${nested(200_000)},`),
      /not a valid run record/,
    ],
    ['nested too deep throughout', nested(500_000), /is not a run record/],
    [
      'with the prototype of a metric',
      text.replace('"generator":', '"__proto__":{"a":1},"generator":'),
      /__proto__/,
    ],
    [
      'with the same, hidden',
      text.replace('"generator":', '"\\u005f_proto__":{"a":1},"generator":'),
      /__proto__/,
    ],
    [
      'with an endless timeline',
      text.replace(
        '"timeline":[',
        `"timeline":[${'{"startAtMs":0,"endAtMs":1,"metrics":{}},'.repeat(200_000)}`,
      ),
      /timeline/,
    ],
    ['of a wrong type', text.replace(/"interrupted":\w+/, '"interrupted":"no"'), /interrupted/],
    ['without a list', text.replace(/"checks":\[/, '"chocks":['), /checks/],
  ])('%s is refused', async (_name, changed, message) => {
    expect(await refusalOf('run.json', changed)).toMatch(message);
  });

  test.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    'with a task named %s is used',
    async (name) => {
      expect(text).toContain('"pricing"');
      expect(await refusalOf('run.json', text.replaceAll('"pricing"', `"${name}"`))).toBeUndefined();
    },
  );

  test('of a histogram that is none is used without it', async () => {
    const changed = watched.replace(/"histogram":"[^"]+"/g, '"histogram":"/////w=="');
    expect(await refusalOf('run.json', changed)).toBeUndefined();
  });
});

type Entry = readonly [kind: string, body: unknown];

describe('a journal', () => {
  const { plan, environment } = makeRecord('passing');
  const startedAt = '2026-11-21T10:00:00.000Z';
  const run = {
    version: journalVersion,
    id: 'x',
    startedAt,
    environment,
    plan,
    writer: { host: 'elsewhere', pid: 4, startTicks: '1' },
  };
  const definitions = [
    { id: 1, metric: 'http_reqs', type: 'counter', contains: 'default', tags: { task: 'a' } },
    { id: 2, metric: 'http_req_duration', type: 'trend', contains: 'time', tags: { task: 'a' } },
    { id: 3, metric: 'vus', type: 'gauge', contains: 'default', tags: {} },
  ];
  const histogram = new Histogram();
  histogram.add(12);
  const trend = Buffer.from(histogram.encode()).toString('base64');
  const deltas: unknown[] = [
    [1, 5],
    [2, trend],
    [3, 4, 4, 4],
  ];
  const window = { worker: 0, from: 0, to: 1000, deltas, definitions };
  const lineOf = (number: number, kind: string, json: string): string => {
    const body = `${number} ${kind} ${json}`;
    return `${crc32(body).toString(16).padStart(8, '0')} ${body}\n`;
  };
  const journalOf = (...entries: Entry[]): string =>
    entries.map(([kind, body], i) => lineOf(i, kind, JSON.stringify(body))).join('');
  const first: Entry = ['run', run];
  const sound: Entry[] = [first, ['started', { at: startedAt }], ['window', window]];

  test('as it was written is recovered', async () => {
    expect(await refusalOf('run.journal', journalOf(...sound))).toBeUndefined();
    expect(existsSync(join(folder, 'run.json'))).toBe(true);
    expect(existsSync(join(folder, 'run.journal'))).toBe(false);
  });

  const changed = (change: object): string => journalOf(first, ['window', { ...window, ...change }]);
  const bytes = (change: (view: DataView) => void): string => {
    const copy = Uint8Array.from(histogram.encode());
    change(new DataView(copy.buffer));
    return Buffer.from(copy).toString('base64');
  };

  test.each<[string, string, RegExp]>([
    ['that is empty', '', /first entry.*damaged/],
    ['of another version', journalOf(['run', { version: 1 }]), /has version 1, this Plimsoll reads/],
    [
      'without an environment',
      journalOf(['run', { ...run, environment: undefined }]),
      /line 1 is not a journal entry/,
    ],
    ['whose writer is none', journalOf(['run', { ...run, writer: 7 }]), /line 1 is not a journal entry/],
    [
      'of a plan of a billion workers',
      journalOf(['run', { ...run, plan: { ...plan, workers: 1e9 } }]),
      /a plan that/,
    ],
    [
      'that starts at no time',
      journalOf(['run', { ...run, startedAt: '9'.repeat(50) }]),
      /line 1 is not a journal entry/,
    ],
    ['of no JSON', journalOf(first) + lineOf(1, 'window', '{"worker":'), /line 2 is not a journal entry/],
    [
      'of a kind that there is not',
      journalOf(first, ['constructor', {}]),
      /line 2 is not a journal entry.*"constructor"/,
    ],
    ['of no kind', `${journalOf(first)}${lineOf(1, '__proto__', '{}')}`, /line 2 is not a journal entry/],
    ['without windows in a window', journalOf(first, ['window', {}]), /line 2 is not a journal entry/],
    ['of a time before all', changed({ from: -5 }), /line 2 is not a journal entry/],
    ['of a worker that is none', changed({ worker: 0.5 }), /line 2 is not a journal entry/],
    ['of values that are none', changed({ deltas: [[1, null]] }), /line 2 is not a journal entry/],
    ['of values without a series', changed({ deltas: [[]] }), /line 2 is not a journal entry/],
    ['of too many values', changed({ deltas: [[1, 2, 3, 4, 5]] }), /line 2 is not a journal entry/],
    [
      'of a type that there is not',
      changed({ definitions: [{ ...definitions[0], type: 'set' }] }),
      /line 2 is not a journal entry/,
    ],
    [
      'of tags that are no texts',
      changed({ definitions: [{ ...definitions[0], tags: { a: {} } }] }),
      /line 2 is no/,
    ],
    ['of a histogram that is none', changed({ deltas: [[2, 'AgEA']] }), /do not fit together/],
    [
      'of a histogram of no numbers',
      changed({ deltas: [[2, bytes((view) => view.setFloat64(2, Number.NaN, true))]] }),
      /do not fit/,
    ],
    [
      'of a histogram without an end',
      changed({ deltas: [[2, bytes((view) => view.setFloat64(18, 1 / 0, true))]] }),
      /do not fit/,
    ],
    [
      'nested too deep',
      journalOf(first) + lineOf(1, 'gaps', nested(300_000)),
      /line 2 is not a journal entry/,
    ],
    [
      'with a prototype',
      journalOf(first) + lineOf(1, 'started', `{"at":"${startedAt}","__proto__":{"x":1}}`),
      /line 2 is not a journal entry.*"started"/,
    ],
    ['of one line without an end', journalOf(first) + 'x'.repeat(70 * 2 ** 20), /a line of more than 64 MB/],
    ['of thirty thousand years', changed({ from: 1e15, to: 1e15 + 1000 }), /endedAt/],
    ['of nothing', journalOf(first), /killed before it had measured anything/],
  ])('%s is refused', async (_name, text, message) => {
    expect(await refusalOf('run.journal', text)).toMatch(message);
    expect(existsSync(join(folder, 'run.json'))).toBe(false);
    expect(existsSync(join(folder, 'run.journal'))).toBe(true);
  });

  test.each<[string, string]>([
    [
      'of a hundred seconds, years apart',
      journalOf(
        ...sound,
        ...Array.from({ length: 100 }, (_, i): Entry => {
          const from = (i + 1) * 3.2e10;
          return [
            'window',
            {
              worker: 0,
              from,
              to: from + 1000,
              deltas: [
                [1, 1],
                [3, i, 0, i],
              ],
            },
          ];
        }),
      ),
    ],
    [
      'of sums beyond all numbers',
      changed({
        deltas: [
          [1, 1.7e308],
          [1, 1.7e308],
          [2, trend],
        ],
      }),
    ],
    [
      'of values of another type than their series',
      changed({
        deltas: [
          [1, trend],
          [2, 1, 2, 3],
          [3, 1],
        ],
      }),
    ],
    ['of series that nobody knows', changed({ deltas: [[99, 1], ...deltas] })],
    [
      'of names that every object has',
      changed({
        definitions: [
          ...definitions,
          { ...definitions[0], id: 4, metric: 'constructor', tags: { toString: 'x' } },
        ],
        deltas: [...deltas, [4, 1]],
      }),
    ],
  ])('%s is used for what it holds', async (_name, text) => {
    expect(await refusalOf('run.journal', text)).toBeUndefined();
  });
});

describe('whatever is changed in them', () => {
  const random = createRandom(5, 'foreign');
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
  const values = [
    1e308,
    -1,
    0,
    1e15,
    5e-324,
    1e9,
    null,
    true,
    '',
    'constructor',
    'x'.repeat(50_000),
    [],
    {},
    [[]],
    'AQ==',
  ];

  type Container = Record<string | number, unknown>;
  /** Every place in a value, as its container and key. */
  function places(
    value: unknown,
    found: [Container, string | number][] = [],
  ): [Container, string | number][] {
    if (typeof value !== 'object' || value === null) return found;
    for (const key of Object.keys(value)) {
      found.push([value as Container, key]);
      places((value as Container)[key], found);
    }
    return found;
  }

  function change(value: unknown): void {
    const [container, key] = pick(places(value));
    const old = container[key];
    const how = random();
    if (how < 0.15) delete container[key];
    else if (how < 0.4 && typeof old === 'number') container[key] = old * pick([-1, 1e3, 1e9, 1e300]);
    else if (how < 0.5 && Array.isArray(old)) container[key] = Array(2000).fill(old[0] ?? 1);
    else container[key] = pick(values);
  }

  test('a record is used or refused', { timeout: 120_000 }, async () => {
    const bases = [makeRecord('passing'), makeRecord('hostile'), makeWatchedRecord()].map((one) =>
      JSON.stringify(one),
    );
    for (let i = 0; i < 150; i++) {
      const value: unknown = JSON.parse(pick(bases));
      change(value);
      const text = JSON.stringify(value);
      await refusalOf('run.json', text).catch((thrown: unknown) => {
        throw new Error(`case ${i}`, { cause: thrown });
      });
    }
  });
});
