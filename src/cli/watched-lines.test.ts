import { describe, expect, test } from 'vitest';
import type { AlertTransition } from '../model/alert.ts';
import type { LiveMonitor } from '../model/progress.ts';
import { plainPalette } from '../report/text/palette.ts';
import { alertLines, watchedLine, watchedLines } from './watched-lines.ts';

const cpu = { type: 'gauge', unit: 'ratio', title: 'CPU' } as const;
const transactions = { type: 'counter', unit: 'count', title: 'transactions' } as const;

function monitor(changes: Partial<LiveMonitor>): LiveMonitor {
  return { name: 'db', title: 'PostgreSQL', figures: [], failing: false, ...changes };
}

const busy = monitor({
  figures: [
    { definition: cpu, value: 0.42 },
    { definition: transactions, value: 120 },
  ],
});

describe('what is watched', () => {
  test('has a line for each monitor that has something to tell, and one for the alerts', () => {
    const gone = monitor({ title: 'Redis', failing: true });
    const alerts = [{ title: 'CPU is\nbusy', level: 'critical' }] as const;
    const lines = watchedLines({ watched: [busy, monitor({ title: 'quiet' }), gone], alerts }, plainPalette);
    expect(lines.map((line) => line.trim().replaceAll(/ {2,}/g, '  '))).toEqual([
      'PostgreSQL  CPU 42 %  |  transactions 120/s',
      'Redis  cannot be read',
      'alerts  CPU is busy (critical)',
    ]);
    expect(watchedLines({ watched: [], alerts: [] }, plainPalette)).toEqual([]);
  });

  test('is one line in logs', () => {
    const long = monitor({ ...busy, title: 'a title that is much longer than there is room for' });
    expect(watchedLine({ watched: [busy, monitor({})] })).toBe('PostgreSQL: CPU 42 %, transactions 120/s');
    expect(watchedLine({ watched: [long] })).toMatch(/^a title that is much .?…: CPU/);
    expect(watchedLine({ watched: [] })).toBe('');
  });
});

describe('an alert', () => {
  const transition: AlertTransition = {
    ...{ alert: 'busy', title: 'CPU is busy', state: 'firing', level: 'critical', atMs: 12_340 },
    figures: [{ name: 'monitor_host_cpu_ratio', value: 0.93, limit: 0.8, unit: 'ratio' }],
    respond: ['Look.', 'Act.'],
    abort: false,
  };

  test('is told with its figures and what to do about it', () => {
    expect(alertLines(transition)).toEqual([
      'ALERT (critical) at 12s: CPU is busy: monitor_host_cpu_ratio 93 % (limit 80 %)',
      '    1. Look.',
      '    2. Act.',
    ]);
    expect(alertLines({ ...transition, level: 'warning', figures: [], respond: [] })).toEqual([
      'alert (warning) at 12s: CPU is busy',
    ]);
    expect(alertLines({ ...transition, abort: true })[0]).toMatch(/; this ends the run$/);
  });

  test('that is over is told in one line', () => {
    expect(alertLines({ ...transition, state: 'resolved', figures: [] })).toEqual([
      'alert resolved at 12s: CPU is busy',
    ]);
  });
});
