// Findings about the load generator: it limited the run, or lost a worker.

import type { Measurements } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { exhaustionAdvice } from './generator-exhaustion.ts';
import { busyCpuRatio, eventLoopDelayP99Ms, scheduleLagP95Ms } from './generator-health.ts';
import { gapReasons, missingLoadReasons } from './worker-losses.ts';

/** At most one finding of each of the two kinds. */
export function findGeneratorLimits({ generator, plan, errors }: Measurements): Finding[] {
  const findings: Finding[] = [];
  const history = { plan, workers: generator.workers, gaps: generator.gaps };
  const missing = missingLoadReasons(history);
  const sentences = [...missing, ...gapReasons(history)];
  if (sentences.length > 0) {
    const lost = generator.workers.filter((worker) => !worker.completed);
    const processes = lost.map(({ index, pid }) => `Worker ${index} (process ${pid})`).join(', ');
    findings.push({
      kind: 'worker-lost',
      severity: 'critical',
      title: lost.length === 1 ? 'A worker was lost' : `${lost.length} worker processes were lost`,
      detail: `${processes}: ${sentences.join(' ')}`,
      evidence: [
        { name: 'worker processes lost', value: lost.length, unit: 'count', limit: 0 },
        { name: 'not replaced', value: missing.length, unit: 'count', limit: 0 },
      ],
      advice:
        'Look for the cause in the log: memory running out and errors outside of tasks are the usual ones.',
    });
  }
  // A lost worker alone is a finding of its own already.
  const beyondLoss = generator.reasons.length > missing.length;
  if (generator.saturated && beyondLoss) {
    findings.push({
      kind: 'generator-saturation',
      severity: 'critical',
      title: 'The load generator was the bottleneck',
      detail: generator.reasons.join(' '),
      evidence: [
        { name: 'p(95) of generator_cpu', value: generator.cpu['p(95)'], unit: 'ratio', limit: busyCpuRatio },
        {
          name: 'p(99) of generator_event_loop_delay',
          value: generator.eventLoopDelayMs['p(99)'],
          unit: 'ms',
          limit: eventLoopDelayP99Ms,
        },
        {
          name: 'p(95) of generator_schedule_lag',
          value: generator.scheduleLagMs['p(95)'],
          unit: 'ms',
          limit: scheduleLagP95Ms,
        },
      ],
      advice:
        exhaustionAdvice(errors) ??
        `Run with more workers than ${plan.workers} where cores are free, drive the load from another machine than the target's, or do less work in the suite's own code.`,
    });
  }
  return findings;
}
