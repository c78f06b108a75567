// How requests of the records in record.cases.ts ended that did not end well.

import type { RunRecord } from '../model/run-record.ts';
import { hostileNames, type RecordVariant } from './run-simulation.cases.ts';

export function makeErrors(variant: RecordVariant): RunRecord['errors'] {
  const pricing = {
    scenario: 'main',
    user: 'visitor',
    task: 'pricing',
    method: 'POST',
    name: '/api/pricing/calculate',
  };
  const base = { source: 'request', firstAtMs: 72_000, lastAtMs: 101_000 } as const;
  switch (variant) {
    case 'failing':
      return [
        { ...base, code: 'http_503', message: 'HTTP 503 Service Unavailable', tags: pricing, count: 93 },
        {
          ...base,
          code: 'timeout',
          message: 'no answer within 30 s',
          tags: { ...pricing, task: 'roi-report', name: '/api/reports/roi' },
          count: 21,
        },
        { ...base, code: 'ECONNRESET', message: 'read ECONNRESET', tags: pricing, count: 4 },
        {
          ...base,
          source: 'iteration',
          code: 'exception',
          message: "TypeError: cannot read properties of undefined (reading 'total')",
          tags: { scenario: 'main', user: 'visitor', task: 'savings' },
          count: 2,
        },
      ];
    case 'interrupted':
      return [
        { ...base, code: 'aborted', message: 'cut off at the end of the run', tags: pricing, count: 17 },
      ];
    case 'hostile':
      return Object.values(hostileNames).map((message, k) => ({
        ...base,
        code: message,
        message,
        tags: { ...pricing, task: message },
        count: k + 1,
      }));
    default:
      return [];
  }
}

/** A target that stopped answering: what was cut off of one endpoint, and the iterations that had asked it. */
export function makeCutOff(): NonNullable<RunRecord['cutOff']> {
  const task = { scenario: 'main', user: 'visitor', task: 'pricing' };
  const waitedMs = { least: 30_014, most: 47_020, sum: 13_000_000 };
  const overdue = { count: 339, overdue: 339, waitedMs, overdueMs: { ...waitedMs, med: 38_400 }, due: false };
  return [
    {
      metric: 'http_req_duration',
      tags: { ...task, method: 'POST', name: '/api/pricing/calculate' },
      ...overdue,
    },
    { metric: 'iteration_duration', tags: task, ...overdue },
    {
      metric: 'iteration_duration',
      tags: { ...task, task: 'savings' },
      due: false,
      count: 3,
      overdue: 0,
      waitedMs: { least: 2, most: 9, sum: 17 },
    },
  ];
}
