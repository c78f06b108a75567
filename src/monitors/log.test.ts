import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { logFigures } from '../model/monitor-figures.ts';
import { messageShape } from './log/message-shape.ts';
import { createLogMonitor } from './log.ts';
import { describeMonitor } from './monitor.cases.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-log-'));
const file = join(folder, 'app.log');
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => writeFileSync(file, 'ERROR before the run\n'));

/** Open until the test has ended. */
function monitorOf(path = file, errors = 'ERROR'): ReturnType<typeof createLogMonitor> {
  const monitor = createLogMonitor({ kind: 'log', file: path, errors });
  onTestFinished(() => monitor.close());
  return monitor;
}
const signal = new AbortController().signal;

describeMonitor('a log', {
  create: () => createLogMonitor({ kind: 'log', file, errors: 'ERROR' }),
  figures: logFigures,
  always: ['lines', 'errors'],
  async stop() {
    rmSync(file);
  },
  async start() {
    writeFileSync(file, '', { flag: 'a' });
  },
  async work() {
    appendFileSync(file, '12:00:01 ERROR order 17 failed\nfine\n');
  },
});

describe('a log', () => {
  test('counts what is written from the first look on, and groups errors by what they have in common', async () => {
    const monitor = monitorOf();
    expect(await monitor.read(signal)).toEqual({ values: { lines: 0, errors: 0 }, tables: [], events: [] });
    appendFileSync(
      file,
      '2026-11-30T12:00:01Z ERROR order 17 failed after 30.2 ms\nINFO fine\r\n2026-11-30T12:00:02Z ERROR order 18 failed after 9 ms\nERROR pool is empty\n',
    );
    const { values, tables } = await monitor.read(signal);
    expect(values).toEqual({ lines: 4, errors: 3 });
    const [errors, tail] = tables!;
    expect(errors!.rows).toEqual([
      [2, '# ERROR order # failed after # ms', '2026-11-30T12:00:02Z ERROR order 18 failed after 9 ms'],
      [1, 'ERROR pool is empty', 'ERROR pool is empty'],
    ]);
    expect(tail!.rows).toHaveLength(4);
    expect(tail!.rows[1]).toEqual(['INFO fine']);
  });

  test('tells at the end what was written since, the newest line first', async () => {
    const monitor = monitorOf();
    await monitor.read(signal);
    expect(await monitor.diagnose!(signal)).toEqual([]);
    appendFileSync(file, 'fine\nERROR order 17 failed\n');
    const [errors, tail] = await monitor.diagnose!(signal);
    expect(errors!.rows).toEqual([[1, 'ERROR order # failed', 'ERROR order 17 failed']]);
    expect(tail!.rows).toEqual([['ERROR order 17 failed'], ['fine']]);
    await monitor.close();
  });

  test('counts a line once it is whole, whatever pieces it comes in', async () => {
    const monitor = monitorOf();
    await monitor.read(signal);
    appendFileSync(file, 'ERR');
    expect((await monitor.read(signal)).values).toEqual({ lines: 0, errors: 0 });
    appendFileSync(file, 'OR in two pieces\n');
    expect((await monitor.read(signal)).values).toEqual({ lines: 1, errors: 1 });
  });

  test('reads on in a file that took its place or was cut short, and says so', async () => {
    const monitor = monitorOf();
    await monitor.read(signal);
    appendFileSync(file, 'ERROR at the end of the old file\nlast words');
    renameSync(file, `${file}.1`);
    writeFileSync(file, 'ERROR in the new file\n');
    const replaced = await monitor.read(signal);
    expect(replaced.values).toEqual({ lines: 3, errors: 2 });
    expect(replaced.events).toEqual(['the log was replaced by a new file']);
    writeFileSync(file, 'x\n');
    const cut = await monitor.read(signal);
    expect(cut.values).toEqual({ lines: 4, errors: 2 });
    expect(cut.events).toEqual(['the log was cut short']);
  });

  test('takes a file as a whole that was not there at the start', async () => {
    const late = join(folder, 'late.log');
    const monitor = monitorOf(late);
    await expect(monitor.read(signal)).rejects.toThrow(/cannot read the log .*late\.log: .*ENOENT/);
    writeFileSync(late, 'ERROR first line\n');
    expect((await monitor.read(signal)).values).toEqual({ lines: 1, errors: 1 });
  });

  test('leaves out what grows too fast to be read, and says how much', async () => {
    const monitor = monitorOf();
    await monitor.read(signal);
    appendFileSync(file, `${'x'.repeat(999)}\n`.repeat(5000));
    const { values, events } = await monitor.read(signal);
    expect(events![0]).toMatch(/^805,696 bytes of the log were not read: it grows too fast$/);
    // The line in which reading begins is one of those that are counted.
    expect(values.lines).toBe(Math.ceil((4 * 1024 * 1024) / 1000));
  });

  test('looks at no more lines at a time than a measuring process has time for', async () => {
    const monitor = monitorOf();
    await monitor.read(signal);
    appendFileSync(file, '\n'.repeat(1_000_000));
    const { values, events } = await monitor.read(signal);
    expect(values.lines).toBe(20_000);
    expect(events).toEqual(['980,000 lines of the log were not counted: it grows too fast']);
  });

  test('keeps neither endless lines nor endlessly many messages', async () => {
    const monitor = monitorOf();
    await monitor.read(signal);
    appendFileSync(file, 'ERROR '.repeat(500_000));
    await monitor.read(signal);
    appendFileSync(file, `\n${Array.from({ length: 3000 }, (_, i) => `ERROR ${letters(i)}`).join('\n')}\n`);
    const { values, tables } = await monitor.read(signal);
    expect(values.lines).toBe(3001);
    const rows = tables!.find(({ name }) => name === 'errors')!.rows;
    expect(rows).toHaveLength(20);
    expect(rows[0]!.slice(0, 2)).toEqual([2001, '(other messages)']);
    for (const row of rows) expect(String(row[2]).length).toBeLessThanOrEqual(300);
  });

  test('does not wait for a pipe that nobody writes to', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(monitorOf(pipe).read(signal)).rejects.toThrow(/expected a file/);
  });
});

test.each([
  ['2026-11-30 12:00:01,123 ERROR [pool-7] timeout after 30s', '# ERROR [pool-#] timeout after #s'],
  ['user 6f1c2a9e-5b1d-4c7e-9a51-0f3e2d1c0b9a is gone', 'user # is gone'],
  ['at 0xdeadbeef, trace 4bf92f3577b34da6a3ce929d0e0e4736', 'at #, trace #'],
  ['facade of a decade', 'facade of a decade'],
])('%s has the shape %s', (line, shape) => {
  expect(messageShape(line)).toBe(shape);
});

function letters(number: number): string {
  return [...String(number)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
}
