// What is expected while a fault is on, in words: in listings of plans, findings, verdicts and reports.

import { formatLimit } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import { assertNever } from './errors.ts';
import type { ExpectationPlan } from './fault.ts';

/** `as before within 30s of its end` */
export function expectationText(expectation: ExpectationPlan): string {
  switch (expectation.kind) {
    case 'reach':
      return `${expectation.expression} of its start`;
    case 'return':
      return `${expectation.expression} of its end`;
    case 'recovery':
      return `as before within ${formatDuration(expectation.withinMs)} of its end`;
    case 'failover':
      return `as before within ${formatDuration(expectation.withinMs)} of its start, while it is on`;
    case 'others-flat':
      return `other operations than ${expectation.affected.join(', ') || 'none'} fail at most ${formatLimit(expectation.mostRatio, 'ratio')} more than before`;
    case 'no-stale':
      return `no ${expectation.metric} from ${formatDuration(expectation.afterMs)} after its start on`;
    case 'cost':
      return `p95 at most ${formatLimit(expectation.mostRatio, 'ratio')} above what it was before`;
    default:
      return assertNever(expectation);
  }
}
