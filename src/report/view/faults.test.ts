import { describe, expect, it } from 'vitest';
import { analyse } from '../../analysis/analyse.ts';
import { fromMs, runWith, untilMs } from '../../analysis/faults/faults.cases.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { renderHtml } from '../html/html.ts';
import { renderMarkdown } from '../markdown/markdown.ts';
import { chartData } from './charts.ts';
import { faultsSection } from './faults.ts';

const measured = runWith({ expect: [{ kind: 'recovery', withinMs: 3000 }] });
const record: RunRecord = { ...measured, ...analyse(measured) };
const idle: RunRecord = { ...record, faults: [{ name: 'down', fromMs: null, untilMs: null }] };

describe('faults in reports', () => {
  it('stand with their times, and with what was expected', () => {
    const text = renderMarkdown(record);
    expect(text).toContain('### Faults: 1 of 1 expectations met');
    expect(text).toContain('| The CRM is down | refuse | `proxy crm before 127.0.0.1:9000` | 10s | 5s |');
    expect(text).toContain('as before within 3s of its end');
    expect(renderHtml(record)).toContain('The times of faults are shaded amber');
  });

  it('are marked in the charts over time when they were made', () => {
    expect(chartData(record).faultsSec).toEqual([
      { from: fromMs / 1000, until: untilMs / 1000, text: 'The CRM is down (refuse), for 5s' },
    ]);
    expect(chartData(idle).faultsSec).toEqual([]);
    expect(renderMarkdown(idle)).toContain('not begun');
  });

  it('have no section where there are none', () => {
    const { faults: _, ...plan } = record.plan;
    expect(faultsSection({ ...record, plan }).blocks).toEqual([]);
  });
});
