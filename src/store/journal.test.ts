import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { knownSecrets } from '../masking/known-secrets.ts';
import { createMeter } from '../meter/meter.ts';
import type { ErrorGroup } from '../model/error-group.ts';
import type { MetricWindow, SeriesDelta } from '../model/metric.ts';
import { makePlan } from '../plan/plan.ts';
import { createJournal, type Journal } from './journal.ts';
import { decodeEntry, encodeEntry, type JournalEntry } from './journal-entries.ts';
import { isEntry } from './journal-schemas.ts';
import { readJournal } from './read-journal.ts';
import { describeEnvironment } from './run-environment.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plimsoll-journal-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const plan = makePlan(
  {
    name: 'shop',
    users: { buyer: { tasks: { pay: { run: async () => {} } } } },
    profiles: { smoke: { executor: 'constant-vus', vus: 1, duration: '50s' } },
  },
  'smoke',
  { workers: 1, seed: 1, environment: 'local' },
);
const id = 'a1b2c3d4';
const startedAt = '2026-03-14T09:05:07.800Z';
const environment = describeEnvironment('local', '0.1.0');
const open = (maxQueuedBytes?: number, warn: (message: string) => void = () => {}): Promise<Journal> =>
  createJournal(
    dir,
    { id, startedAt, environment, plan },
    { warn, ...(maxQueuedBytes !== undefined && { maxQueuedBytes }) },
  );
const entriesIn = (folder: string): JournalEntry[] =>
  readFileSync(join(folder, 'run.journal'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => decodeEntry(line, isEntry)!.entry);

/** Windows of one worker, one request in each. */
function makeWindows(count: number): MetricWindow[] {
  const meter = createMeter(0);
  return Array.from({ length: count }, (_, second) => {
    meter.counter('http_reqs', { task: 'a' }).add(1);
    meter.trend('http_req_duration', { task: 'a' }).add(second + 0.5);
    return meter.flush(second * 1000, second * 1000 + 1000);
  });
}

const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
const delta: fc.Arbitrary<SeriesDelta> = fc.oneof(
  fc.record({ id: fc.nat(), type: fc.constant('counter' as const), count: number }),
  fc.record({ id: fc.nat(), type: fc.constant('rate' as const), passes: fc.nat(), fails: fc.nat() }),
  fc.record({ id: fc.nat(), type: fc.constant('gauge' as const), value: number, min: number, max: number }),
  fc.record({ id: fc.nat(), type: fc.constant('trend' as const), histogram: fc.uint8Array() }),
);

const cut = fc.record({
  metric: fc.constant('http_req_duration'),
  tags: fc.constant({ task: 'a' }),
  bound: fc.constantFrom('waited' as const, 'none' as const),
  due: fc.boolean(),
  waits: fc.uint8Array(),
});

describe('an entry', () => {
  test('holds what the suite has found, its secrets masked', () => {
    const finding = {
      kind: 'suite',
      source: 'suite',
      severity: 'warning',
      title: 'Slow',
      evidence: [],
    } as const;
    const entry: JournalEntry = { kind: 'finding', finding: { ...finding, detail: 'seen by suite code' } };
    expect(decodeEntry(encodeEntry(3, entry).trimEnd(), isEntry)).toEqual({ sequence: 3, entry });
    const secret = { ...entry, finding: { ...finding, detail: 'postgresql://me:hidden1@db/x' } };
    expect(encodeEntry(4, secret)).not.toContain('hidden1');
  });

  test('is read as it was written', () => {
    // Other tests of this process may have made a secret of any word.
    const name = fc.string().filter((text) => knownSecrets.hide(`/${text}`) === `/${text}`);
    fc.assert(
      fc.property(fc.nat(), fc.array(delta), name, fc.array(cut), (sequence, deltas, name, cuts) => {
        const definitions = [
          { id: 1, metric: 'm', type: 'counter', contains: 'default', tags: { name: `/${name}` } } as const,
        ];
        const errors: ErrorGroup[] = [];
        const plain = { worker: 1, startAtMs: 0, endAtMs: 1000, definitions, deltas };
        const window = cuts.length === 0 ? plain : { ...plain, cut: cuts };
        const line = encodeEntry(sequence, { kind: 'window', window, errors });
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(decodeEntry(line.slice(0, -1), isEntry)).toEqual({
          sequence,
          entry: { kind: 'window', window, errors },
        });
      }),
    );
  });

  test('that was cut off or changed anywhere is found out', () => {
    const [window] = makeWindows(1);
    const line = encodeEntry(7, { kind: 'window', window: window!, errors: [] }).slice(0, -1);
    for (let i = 0; i < line.length; i++) {
      expect(decodeEntry(line.slice(0, i), isEntry)).toBeUndefined();
      const changed = String.fromCharCode(line.charCodeAt(i) ^ 1);
      expect(decodeEntry(line.slice(0, i) + changed + line.slice(i + 1), isEntry)).toBeUndefined();
    }
  });

  test('holds no secret', () => {
    const [window] = makeWindows(1);
    const error = { code: 'http_401', message: 'password=hunter2', source: 'request' } as const;
    const errors = [{ ...error, tags: {}, count: 1, firstAtMs: 0, lastAtMs: 0 }];
    const line = encodeEntry(0, { kind: 'window', window: window!, errors });
    expect(line).not.toContain('hunter2');
    expect(decodeEntry(line.slice(0, -1), isEntry)?.entry).toMatchObject({
      errors: [{ message: 'password=***' }],
    });
  });
});

describe('a journal', () => {
  test('holds all entries in order, and is gone once it is removed', async () => {
    const journal = await open();
    const windows = makeWindows(50);
    journal.started();
    for (const window of windows) journal.window(window, []);
    journal.stopping('interrupt');
    journal.ended({ durationMs: 50_000, workers: [], gaps: [] });
    expect(await journal.close()).toEqual({ recoverable: 'whole' });
    const entries = entriesIn(dir);
    expect(entries.map(({ kind }) => kind)).toEqual([
      'run',
      'started',
      ...windows.map(() => 'window'),
      'stopping',
      'ended',
    ]);
    expect(entries.flatMap((entry) => (entry.kind === 'window' ? [entry.window] : []))).toEqual(windows);
    await journal.remove();
    expect(existsSync(join(dir, 'run.journal'))).toBe(false);
    expect(await journal.close()).toEqual({});
  });

  test('leaves out windows when its memory is full, keeps what later ones need, and says so', async () => {
    const journal = await open(1);
    const windows = makeWindows(4);
    // The first entry is on its way to the disk, so there is no room for these two.
    journal.window(windows[0]!, []);
    journal.window(windows[1]!, []);
    while (!existsSync(join(dir, 'run.journal')) || readFileSync(join(dir, 'run.journal')).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 200));
    journal.window(windows[2]!, []);
    expect(await journal.close()).toEqual({ recoverable: 'part' });
    expect(entriesIn(dir).slice(1)).toEqual([
      { kind: 'skipped', windowCount: 2 },
      { kind: 'window', window: { ...windows[2], definitions: windows[0]!.definitions }, errors: [] },
    ]);
  });

  test('of a full disk warns once and lets the run go on', async () => {
    symlinkSync('/dev/full', join(dir, 'run.journal'));
    const warnings: string[] = [];
    const journal = await open(undefined, (message) => warnings.push(message));
    for (const window of makeWindows(3)) journal.window(window, []);
    expect(await journal.close()).toEqual({ recoverable: 'part' });
    expect(warnings).toEqual([
      expect.stringMatching(/cannot write .*run\.journal: ENOSPC.*; the load continues/),
    ]);
  });

  test('where none can be opened warns once, too', async () => {
    rmSync(dir, { recursive: true });
    const warnings: string[] = [];
    const journal = await open(undefined, (message) => warnings.push(message));
    for (const window of makeWindows(3)) journal.window(window, []);
    expect(await journal.close()).toEqual({});
    await journal.remove();
    expect(warnings).toEqual([expect.stringMatching(/ENOENT/)]);
  });

  test('of a run that is still going on is not touched', async () => {
    const journal = await open();
    journal.window(makeWindows(1)[0]!, []);
    await journal.close();
    await expect(readJournal(dir)).rejects.toThrow(`the run is still going on: process ${process.pid}`);
  });
});
