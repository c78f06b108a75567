import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../model/run-record.ts';
import type { Finding } from '../../model/verdict.ts';
import { hostileNames, makeRecord } from '../record.cases.ts';
import { renderReport } from '../report.ts';

function bottleneck(rank: number, severity: Finding['severity'], changes: Partial<Finding> = {}): Finding {
  return {
    kind: 'bottleneck',
    severity,
    rule: 'pool',
    rank,
    title: `Bottleneck: number ${rank}`,
    detail: `Detail of ${rank}.`,
    evidence: [{ name: 'mean of monitor_app_pool_waiting', value: 0.42, unit: 'ratio', limit: 0.1 }],
    advice: `Advice for ${rank}.`,
    ...changes,
  };
}

function drawn(findings: readonly Finding[], format: 'txt' | 'md' | 'html'): string {
  const record: RunRecord = { ...makeRecord('failing', 20), findings };
  const [file] = renderReport(format, record).filter(({ fileName }) => /summary|report/.test(fileName));
  return file!.content;
}

describe('bottlenecks in reports', () => {
  // As they stand in a record: by severity, and not by rank.
  const found = [bottleneck(2, 'critical'), bottleneck(1, 'critical'), bottleneck(3, 'info')];

  test('stand in the order of their ranks, in every format', () => {
    for (const format of ['txt', 'md', 'html'] as const) {
      const content = drawn(found, format);
      const [first, second] = ['Bottleneck: number 1', 'Bottleneck: number 2'].map((one) =>
        content.indexOf(one),
      );
      expect(first, format).toBeGreaterThan(0);
      expect(second, format).toBeGreaterThan(first!);
    }
  });

  test('have the sign that shows them with its limit, and on pages and in documents advice', () => {
    expect(drawn(found, 'txt')).toMatch(/Bottleneck: number 1 +mean of monitor_app_pool_waiting: 42 % \(li/);
    for (const format of ['md', 'html'] as const) {
      expect(drawn(found, format)).toMatch(/42 %[\s\S]*limit[\s\S]*10 %/);
      expect(drawn(found, format)).toContain('Advice for 1.');
    }
  });

  test('that explain nothing are no rows at the end of a run, and are told elsewhere', () => {
    expect(drawn(found, 'txt')).not.toContain('number 3');
    expect(drawn(found, 'md')).toContain('number 3');
  });

  test('with names from anywhere break no page', () => {
    const hostile = bottleneck(1, 'critical', { title: hostileNames.script, detail: hostileNames.html });
    expect(drawn([hostile], 'html')).not.toContain(hostileNames.script);
    expect(drawn([], 'html')).not.toContain('id="bottlenecks"');
  });
});
