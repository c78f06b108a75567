// What is known of TCP without its client. See ../facts.ts.

import { clientOf, counter, lazily, type ProtocolFacts, rate, settingsOf, time } from '../facts.ts';
import type { TcpClient, TcpSettings } from './tcp.ts';

const connection = { noun: 'TCP connection', follows: 'tcp_connecting' } as const;
const request = { noun: 'TCP request', follows: 'tcp_req_duration' } as const;

export const tcp = {
  name: 'tcp',
  title: 'TCP',
  ...clientOf<TcpClient>(),
  ...settingsOf<TcpSettings>(),
  load: lazily(() => import('./protocol.ts')),
  inHooks: true,
  metrics: {
    tcp_connections: counter('TCP connections', connection),
    tcp_connection_failed: rate('failed TCP connections', connection),
    tcp_connecting: time('TCP connecting time', connection),
    /** Reads and requests; each ends in one outcome. */
    tcp_reqs: counter('TCP requests', request),
    tcp_req_failed: rate('failed TCP requests', request),
    tcp_req_duration: time('TCP response time', request),
    /** First operation of an arrival-rate iteration only: its time without the schedule lag. */
    tcp_req_service_time: time('service time of TCP requests', request),
  },
  operation: {
    kind: 'tcp_request',
    count: 'tcp_reqs',
    failed: 'tcp_req_failed',
    duration: 'tcp_req_duration',
    noun: 'TCP request',
    perSec: 'TCP req/s',
    colour: 5,
    table: { id: 'tcp-requests', title: 'TCP requests', heading: 'Request', by: 'name' },
  },
  outcomes: [
    { failed: 'tcp_connection_failed', noun: 'TCP connection' },
    { failed: 'tcp_req_failed', noun: 'TCP request' },
  ],
  errorsAmong: ['tcp_connections', 'tcp_reqs'],
  judgedWhenCut: ['tcp_req_duration', 'tcp_connecting'],
  breakdowns: [
    { metrics: ['tcp_reqs', 'tcp_req_duration', 'tcp_req_failed'], by: ['user', 'task', 'name'] },
    {
      metrics: ['tcp_connections', 'tcp_connecting', 'tcp_connection_failed'],
      by: ['user', 'task', 'name'],
    },
  ],
  tags: { name: {}, error_code: { isOutcome: true } },
  errors: [
    {
      pattern: /^tcp_answer_too_large$/,
      meaning: 'An answer was given up at the size limit.',
      advice: 'Answers are longer than allowed, or never end as the suite expects: check until and length.',
    },
  ],
} as const satisfies ProtocolFacts;
