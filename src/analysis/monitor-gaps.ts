// Times in which a monitor could not read its source, as findings.

import type { MonitorRecord } from '../model/monitor.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { formatCount } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';

const namedGapCount = 3;

/** One finding per monitor with gaps. */
export function findMonitorGaps({ monitors }: Measurements): Finding[] {
  return Object.entries(monitors).flatMap(([name, monitor]) =>
    monitor.gaps.length === 0 ? [] : [gapFinding(name, monitor)],
  );
}

function gapFinding(name: string, { title, gaps, gapCount = gaps.length, readings }: MonitorRecord): Finding {
  const spans = gaps.slice(0, namedGapCount).map(({ fromMs, untilMs, reason }) => {
    const until = untilMs === null ? 'to the end' : `to ${formatDuration(untilMs)}`;
    return `from ${formatDuration(fromMs)} ${until}: ${reason}`;
  });
  const more = gapCount - spans.length;
  if (more > 0) spans.push(`${formatCount(more, 'further gap')}`);
  return {
    kind: 'monitor-gap',
    severity: 'info',
    title: readings === 0 ? `${title} could not be watched` : `${title} could not be watched all the time`,
    detail: `Monitor ${name} read nothing ${spans.join('; ')}.`,
    evidence: [{ name: `gaps of ${name}`, value: gapCount, unit: 'count' }],
  };
}
