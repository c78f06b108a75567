import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunRecord } from '../src/model/run-record.ts';
import { makeRecord, recordVariants } from '../src/report/record.cases.ts';
import { renderReport } from '../src/report/report.ts';
import { readRunRecord } from '../src/store/read-run-record.ts';
import { runRecordJsonSchema } from '../src/store/run-record-json-schema.ts';

const schemaFile = fileURLToPath(new URL('../schemas/run-record.schema.json', import.meta.url));

describe('schemas/run-record.schema.json', () => {
  const validate = new Ajv2020({ formats: { 'date-time': true } }).compile(
    JSON.parse(readFileSync(schemaFile, 'utf8')) as object,
  );

  test('is what the schema in the code gives (else: npx tsx scripts/write-schemas.ts)', () => {
    expect(readFileSync(schemaFile, 'utf8')).toBe(runRecordJsonSchema());
  });

  test.each(recordVariants)('accepts a %s record', (variant) => {
    expect(
      validate(JSON.parse(JSON.stringify(makeRecord(variant, 5)))),
      JSON.stringify(validate.errors),
    ).toBe(true);
  });

  test.each<[string, (record: Record<string, unknown>) => void]>([
    ['a missing verdict', (record) => delete record.verdict],
    ['an unknown key', (record) => (record.extra = 1)],
    ['another schema version', (record) => (record.schemaVersion = 2)],
    ['a verdict without reasons', (record) => (record.verdict = { status: 'pass', reasons: [] })],
    [
      'metric values of no kind',
      (record) =>
        (record.metrics = { vus: { type: 'gauge', contains: 'default', metric: 'vus', values: {} } }),
    ],
  ])('rejects %s', (_what, damage) => {
    const record = JSON.parse(JSON.stringify(makeRecord('passing', 2))) as Record<string, unknown>;
    damage(record);
    expect(validate(record)).toBe(false);
  });
});

describe('readRunRecord', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'plimsoll-record-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });
  const stored = (content: unknown): string => {
    const path = join(dir, 'run.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };

  test('gives back what was written', async () => {
    const record = makeRecord('failing', 3);
    expect(await readRunRecord(stored(record))).toEqual(record);
  });

  test('reads the records of older versions, which called comparisons without a limit `told`', async () => {
    const result = {
      ...{ status: 'told', of: 12, against: 10, ofCount: 300, againstCount: 300 },
      ...{ difference: 0.2, low: 0.1, high: 0.3, confidence: 0.95, pairs: { of: [12], against: [10] } },
    };
    const record = JSON.parse(JSON.stringify(makeRecord('passing', 3))) as RunRecord;
    const overhead = {
      ...{ name: 'overhead', metric: 'iteration_duration', statistic: 'med' },
      ...{ of: { task: 'guarded' }, against: { task: 'plain' } },
    };
    const old = {
      ...record,
      plan: { ...record.plan, comparisons: [overhead] },
      comparisons: { overhead: result, other: { ...result, status: 'pass' } },
    };
    const read = await readRunRecord(stored(old));
    expect(read.comparisons).toEqual({
      overhead: { ...result, status: 'unjudged' },
      other: { ...result, status: 'pass' },
    });
    const texts = renderReport('txt', read).map(({ content }) => content);
    expect(texts.join('')).toContain('overhead');
  });

  test.each<[string, unknown, RegExp]>([
    ['text that is no JSON', '{"schemaVersion": 1', /is not JSON/],
    ['JSON that is no record', [1], /has no schemaVersion/],
    ['a newer version', { schemaVersion: 99 }, /schema version 99, this Plimsoll reads version 1/],
    [
      'mistakes',
      { schemaVersion: 1, id: '' },
      /is not a valid run record, \d+ mistakes:\n {2}\S+: .+\n.*and \d+ more/s,
    ],
  ])('%s is a usage error', async (_what, content, message) => {
    await expect(readRunRecord(stored(content))).rejects.toThrow(message);
  });

  test('mistakes are named by their path', async () => {
    const { plan, ...rest }: RunRecord = makeRecord('passing', 2);
    const path = stored({ ...rest, plan: { ...plan, seed: 'x' } });
    await expect(readRunRecord(path)).rejects.toThrow(/1 mistake:\n {2}plan\.seed: /);
  });

  test('a missing file is a usage error', async () => {
    await expect(readRunRecord(join(dir, 'none.json'))).rejects.toThrow(/there is no run record at/);
  });
});
