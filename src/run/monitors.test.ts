import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { MonitorReport } from '../model/monitor.ts';
import { processFigures } from '../model/monitor-figures.ts';
import type { MonitorPlan } from '../model/monitor-settings.ts';
import { createMonitorCompanion } from './monitors.ts';

const common = { title: 'app', intervalMs: 100, timeoutMs: 2000, share: 1 };

test('what can be read is read, and what cannot makes a gap and a warning, not an end', async () => {
  const plans: MonitorPlan[] = [
    { name: 'here', ...common, figures: processFigures, source: { kind: 'process', children: false } },
    { name: 'nowhere', ...common, figures: {}, source: { kind: 'prometheus', url: 'no URL', select: {} } },
  ];
  const reports: MonitorReport[] = [];
  const warnings: string[] = [];
  const watch = createMonitorCompanion(
    plans,
    {},
    {
      report: (report) => reports.push(report),
      warn: (message) => warnings.push(message),
      wentBadly: () => false,
    },
  );
  await watch.prepare();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('monitor nowhere (app) cannot be read yet: ');
  watch.start(() => 0);
  for (let i = 0; i < 200 && new Set(reports.map(({ kind }) => kind)).size < 2; i++) await sleep(10);
  await watch.close();
  const kindsOf = (name: string) =>
    new Set(
      reports.flatMap((one) =>
        (one.kind === 'sample' ? one.sample.monitor : one.monitor) === name ? [one.kind] : [],
      ),
    );
  expect(kindsOf('nowhere')).toEqual(new Set(['failure']));
  if (process.platform === 'linux') expect(kindsOf('here')).toEqual(new Set(['sample']));
});

test('sources are asked why a load went badly, and the load generator is not', async () => {
  const source = { kind: 'process', pid: process.pid, children: false } as const;
  for (const wentBadly of [true, false]) {
    const reports: MonitorReport[] = [];
    const plans = ['app', 'generator'].map((name) => ({ name, ...common, figures: processFigures, source }));
    const watch = createMonitorCompanion(
      plans,
      {},
      { report: (report) => reports.push(report), warn: () => {}, wentBadly: () => wentBadly },
    );
    await watch.prepare();
    watch.start(() => 0);
    await watch.finish();
    await watch.close();
    const asked = reports.flatMap((one) => (one.kind === 'diagnosis' ? one.monitor : []));
    expect(asked).toEqual(wentBadly ? ['app'] : []);
  }
});
