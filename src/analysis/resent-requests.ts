// Requests that were sent again because their connection had ended without a byte of an answer: each counts once, and
// succeeded or failed by what came of it the second time.

import type { Measurements } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { formatCount } from '../text/format-figure.ts';
import { countOf } from './measured.ts';

/** Connections are closed now and then; more than this share says something of the target. */
const usualRatio = 0.01;

/** At most one finding: how many there were, and what that says of the target. */
export function findResentRequests(measured: Measurements): Finding[] {
  const resent = countOf(measured, 'http_req_resent');
  if (resent === 0) return [];
  const requests = countOf(measured, 'http_reqs');
  return [
    {
      kind: 'resent-requests',
      severity: resent > requests * usualRatio ? 'warning' : 'info',
      title: `${formatCount(resent, 'request')} sent again`,
      detail:
        `${formatCount(resent, 'sending')} beside ${formatCount(requests, 'request')}: the connection of an earlier ` +
        'answer ended before a byte of the next one came, or an HTTP/2 server said that it had not looked at the ' +
        `request. Each counts once, so the target may have received up to ${formatCount(requests + resent, 'request')}.`,
      evidence: [
        { name: 'http_req_resent', value: resent, unit: 'count' },
        ...(requests === 0
          ? []
          : [{ name: 'sent again per request', value: resent / requests, unit: 'ratio' as const }]),
      ],
      advice:
        'The target, or a proxy before it, closes kept-alive connections without saying so: ' +
        'have it send "connection: close", or keep them open for longer.',
    },
  ];
}
