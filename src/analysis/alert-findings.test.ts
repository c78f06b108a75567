import { describe, expect, test } from 'vitest';
import type { AlertEpisode, AlertLevel, AlertRecord } from '../model/alert.ts';
import { alertReasons, alertSentence, figureText, findAlerts, findBlindAlerts } from './alert-findings.ts';
import { analyse } from './analyse.ts';
import { measure } from './measurements.cases.ts';

function episode(level: AlertLevel, fromMs: number, untilMs: number | null): AlertEpisode {
  const figure = { name: 'monitor_host_cpu_ratio', value: 0.931, limit: 0.8, unit: 'ratio' } as const;
  return { level, fromMs, untilMs, figures: [figure] };
}

function alert(episodes: readonly AlertEpisode[], changes: Partial<AlertRecord> = {}): AlertRecord {
  return {
    ...{ name: 'busy', title: 'CPU is busy', rules: [], respond: [], aborted: false },
    episodes,
    episodeCount: episodes.length,
    ...changes,
  };
}

const warned = alert([episode('warning', 3000, 33_000)]);
const critical = alert([episode('warning', 1000, 2000), episode('critical', 12_000, null)], {
  title: 'Full',
});
const ended = alert([episode('critical', 9000, null)], { title: 'Down', aborted: true });

describe('alerts', () => {
  test('are told with their worst time', () => {
    expect(alertSentence(warned)).toBe('Alert: CPU is busy (warning at 3s, for 30s).');
    expect(alertSentence(critical)).toBe('Alert: Full (critical at 12s, until the end; 2 times in all).');
    expect(alertSentence(ended)).toBe(
      'Alert: Down (critical at 9s, until the end; this ended the run early).',
    );
    expect(figureText(warned.episodes[0]!.figures[0]!)).toBe('monitor_host_cpu_ratio 93.1 % (limit 80 %)');
  });

  test('that fired are findings, the one that ended the run first', () => {
    const respond = ['Look at the queue.', 'Add a machine.'];
    const measured = measure({ changes: { alerts: [warned, alert([]), { ...critical, respond }, ended] } });
    expect(findAlerts(measured).map(({ title, severity, advice }) => [title, severity, advice])).toEqual([
      ['Alert: Down', 'critical', undefined],
      ['Alert: CPU is busy', 'info', undefined],
      ['Alert: Full', 'warning', '1. Look at the queue. 2. Add a machine.'],
    ]);
  });

  test('of level warning inform, critical ones warn, and one that ended the run fails it', () => {
    const statusOf = (...alerts: AlertRecord[]) => analyse(measure({ changes: { alerts } })).verdict;
    expect(statusOf(warned).status).toBe('pass');
    expect(statusOf(warned, critical)).toMatchObject({ status: 'warn', reasons: [alertSentence(critical)] });
    expect(statusOf(critical, ended)).toMatchObject({
      status: 'fail',
      reasons: [alertSentence(ended), alertSentence(critical)],
    });
  });

  test('of a record without any are nothing', () => {
    expect([findAlerts(measure({})), alertReasons(measure({}), 'fail')]).toEqual([[], []]);
    expect(findBlindAlerts(measure({}))).toEqual([]);
  });

  test('with a rule that could not fire inform: nothing was recorded of what it looks at', () => {
    const cpu = { level: 'critical', expression: 'monitor_host_cpu_ratio > 80%' } as const;
    const nope = {
      level: 'warning',
      expression: 'http_req_duration{task:nope} p(95) > 1s',
      unrecorded: ['http_req_duration{task:nope} p(95)'],
    } as const;
    const alerts = [alert([], { rules: [nope, cpu] }), alert([], { rules: [cpu] })];
    expect(findBlindAlerts(measure({ changes: { alerts } }))).toEqual([
      {
        kind: 'alert-blind',
        severity: 'info',
        title: 'Alert without data: CPU is busy',
        detail:
          'The warning rule "http_req_duration{task:nope} p(95) > 1s" could not fire: in the whole run nothing was recorded for http_req_duration{task:nope} p(95).',
        evidence: [{ name: 'rules of busy that could not fire', value: 1, unit: 'count' }],
        advice:
          'Check the metric and the tags in the rule, or give the alert only to the profiles that record them.',
      },
    ]);
    expect(analyse(measure({ changes: { alerts } })).verdict.status).toBe('pass');
  });
});
