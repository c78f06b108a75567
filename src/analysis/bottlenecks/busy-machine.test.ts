import { expect, test } from 'vitest';
import type { Measurements } from '../../model/run-record.ts';
import { badRun, findingOf, idle, idleBut, rulesOf, watch } from './bottleneck-runs.cases.ts';
import { findBottlenecks } from './bottlenecks.ts';

/** On a machine that other work keeps busy; the load generator got its turn within so many ms. */
function onBusyMachine(turnMs: number, targetCpu: number, load = badRun): Measurements {
  const host = watch('host', { kind: 'host', title: 'machine', figures: { cpu_ratio: () => 0.99 } });
  const measured = load({ watched: [...idleBut('target', { cpu_ratio: () => targetCpu }), host] });
  const delay = { ...measured.generator.eventLoopDelayMs, 'p(95)': turnMs / 2, 'p(99)': turnMs };
  return { ...measured, generator: { ...measured.generator, eventLoopDelayMs: delay } };
}

test('waits for CPU that the load generator does not see are not what makes an idle target slow', () => {
  const findings = findBottlenecks(onBusyMachine(14, 0.05));
  expect(findings[0]).toMatchObject({ rule: 'downstream', severity: 'warning' });
  const cpu = findings.find(({ rule }) => rule === 'cpu')!;
  expect(cpu.severity).toBe('info');
  expect(cpu.detail).toMatch(/waited for this CPU no longer than 14 ms at a time \(p99\)/);
});

test('a machine whose processes wait for long explains a slow target, and so does a target that works', () => {
  expect(findBottlenecks(onBusyMachine(200, 0.05))[0]).toMatchObject({ rule: 'cpu', severity: 'warning' });
  expect(findBottlenecks(onBusyMachine(14, 0.6))[0]).toMatchObject({ rule: 'cpu', severity: 'warning' });
});

test('connections that opened slowly are no long round trip where answers are faster than that', () => {
  const opened = (openMs: number, fastestMs: number): Measurements =>
    badRun({
      watched: idle(),
      more: (meter, second) => {
        const tags = { scenario: 'main', user: 'buyer', task: 'price' };
        if (second === 0) for (let i = 0; i < 10; i++) meter.trend('http_req_connecting', tags).add(openMs);
        meter.trend('http_req_waiting', tags).add(fastestMs);
      },
    });
  expect(rulesOf(opened(86, 3))).not.toContain('network');
  expect(findingOf(opened(86, 84), 'network')).toMatchObject({ rank: 1 });
});
