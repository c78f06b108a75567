// The platform's drills: what its users notice when the language model fails. Used by suite.ts.

import type { ProfileDefinition } from 'plimsoll';

const headers = { authorization: `Bearer ${process.env.PRATIKO_ADMIN_KEY || 'plimsoll-admin'}` };
/** The target passes it on to its model. */
const model = (failureRate: number) =>
  ({ method: 'PUT', url: '/api/admin/llm', headers, json: { failureRate } }) as const;

export const drills = {
  model_drill: {
    description:
      'The language model fails for twenty seconds: the circuit must open, close again, and all be as before',
    whenToRun: 'Before releases that change how the model is asked, its retries or its circuit breaker',
    markers: ['drill'],
    executor: 'constant-vus',
    vus: 10,
    duration: '1m15s',
    users: ['professional'],
    thresholds: { 'http_req_failed{fault:none}': ['rate<0.02'] },
    faults: {
      model_fails: {
        title: 'The language model fails',
        kind: 'switch',
        at: '15s',
        for: '20s',
        start: model(1),
        end: model(0),
        expect: {
          reach: ['monitor_app_circuit_open == 1 within 15s'],
          return: ['monitor_app_circuit_open == 0 within 30s'],
          recovery: '30s',
        },
      },
    },
  },
} satisfies Record<string, ProfileDefinition>;
