import { expect, test } from 'vitest';
import { makeRecord } from '../record.cases.ts';
import { renderReport } from '../report.ts';

const lost = { worker: 1, measuredUntilMs: 2000, users: 5, reason: 'it was ended by SIGKILL' };

test('reports name each time in which load was missing', () => {
  const record = makeRecord('passing', 20);
  const gaps = [
    { ...lost, fromMs: 2300, untilMs: 2712 },
    { ...lost, fromMs: 9000, untilMs: null, users: 1, reason: 'it exited with code 7' },
  ];
  const withGaps = { ...record, generator: { ...record.generator, gaps } };
  for (const format of ['txt', 'html'] as const) {
    const text = renderReport(format, withGaps)[0]!.content.replace(/\s+/g, ' ');
    expect(text).toContain('worker 1 with 5 users from 2.3s for 412ms (it was ended by SIGKILL)');
    expect(text).toContain('worker 1 with 1 user from 9s on (it exited with code 7)');
    expect(renderReport(format, record)[0]!.content).not.toMatch(/load missing/i);
  }
});
