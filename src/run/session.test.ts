import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scenario } from '../analysis/measurements.cases.ts';
import { planWith, recordRequest, windowOf } from '../metrics/collector.cases.ts';
import type { Companion } from './companion.ts';
import { createMeasure } from './measure.ts';
import { createOutputCompanion } from './outputs.ts';
import { inSession, type Session } from './session.ts';

let outDir: string;
beforeEach(() => {
  outDir = mkdtempSync(join(tmpdir(), 'session-'));
});
afterEach(() => rmSync(outDir, { recursive: true, force: true }));

const plan = planWith({
  scenarios: [scenario('main', { kind: 'constant-vus', vus: 10, rampUpMs: 0, durationMs: 60_000 })],
});
const open = <Result>(work: (session: Session) => Promise<Result>): Promise<Result> =>
  inSession({ plan, outDir, onEvent: () => {} }, work);
const request = (atMs: number) =>
  windowOf(0, atMs, (meter) => recordRequest(meter, 10, false, { scenario: 'main' }));

function companion(name: string, calls: string[], changes: Partial<Companion> = {}): Companion {
  const note = (call: string): void => void calls.push(`${name} ${call}`);
  return {
    prepare: async () => note('prepare'),
    start: () => note('start'),
    finish: async () => note('finish'),
    close: async () => note('close'),
    ...changes,
  };
}

describe('a session', () => {
  test('closes its companions in reverse order, also when one of them cannot be made', async () => {
    const calls: string[] = [];
    const broken = companion('second', calls, { prepare: () => Promise.reject(new Error('no such output')) });
    const opened = open(async (session) => {
      await session.join(companion('first', calls));
      await session.join(broken);
    });
    await expect(opened).rejects.toThrow('no such output');
    expect(calls).toEqual(['first prepare', 'second close', 'first close']);
  });

  test('leaves no journal of a run in which nothing was measured, and keeps one that is all there is', async () => {
    const folders: string[] = [];
    const fail = async (measureFirst: boolean): Promise<void> => {
      const failing = open(async (session) => {
        folders.push(session.runDir);
        const measure = createMeasure(session, { plan, companions: [], abort: () => {} });
        measure.started(() => 0);
        if (measureFirst) measure.window(request(0), []);
        throw new Error('setup failed');
      });
      await expect(failing).rejects.toThrow('setup failed');
    };
    await fail(false);
    await fail(true);
    expect(folders.map((folder) => readdirSync(folder).sort())).toEqual([
      ['run.log'],
      ['run.journal', 'run.log'],
    ]);
  });

  test('takes companions through a load, and tells them what is measured', async () => {
    const calls: string[] = [];
    const heard: number[] = [];
    const listening = companion('outputs', calls, {
      hears: { window: ({ endAtMs }) => heard.push(endAtMs) },
    });
    await open(async (session) => {
      await session.join(listening);
      const own = companion('monitors', calls);
      const measure = createMeasure(session, { plan, companions: [own], abort: () => {} });
      measure.started(() => 0);
      measure.window(request(0), []);
      await measure.finish();
      const ended = { durationMs: 1000, workers: [], gaps: [] };
      expect(measure.ended(ended, false).metrics.http_reqs?.values).toMatchObject({ count: 1 });
    });
    expect(heard).toEqual([1000]);
    expect(calls).toEqual([
      'outputs prepare',
      ...['outputs start', 'monitors start', 'outputs finish', 'monitors finish'],
      'outputs close',
    ]);
  });

  test('lets one set of outputs follow load after load in one course of time', async () => {
    const file = join(outDir, 'figures.jsonl');
    const { outputs } = await open(async (session) => {
      await session.join(createOutputCompanion([{ kind: 'json', file }], plan, session));
      for (const _step of [1, 2]) {
        const measure = createMeasure(session, { plan, companions: [], abort: () => {} });
        measure.started(() => 0);
        for (const atMs of [0, 1000]) measure.window(request(atMs), []);
        await measure.finish();
      }
      return await session.finish();
    });
    expect(outputs).toMatchObject([{ kind: 'json', lost: 0, failures: 0 }]);
    const points = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { metric?: string; type: string; data: { startAtMs: number } })
      .filter(({ type, metric }) => type === 'point' && metric === 'http_reqs');
    expect(points.map(({ data }) => data.startAtMs)).toEqual([0, 1000, 2000, 3000]);
  });
});
