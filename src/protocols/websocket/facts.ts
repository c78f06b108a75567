// What is known of WebSockets without their client. See ../facts.ts.

import { clientOf, counter, lazily, type ProtocolFacts, rate, statusForm, time } from '../facts.ts';
import type { WebSocketClient } from './websocket.ts';

const session = { noun: 'WebSocket session' } as const;
const opening = { ...session, follows: 'ws_connecting' } as const;
const request = { noun: 'WebSocket request', follows: 'ws_request_duration' } as const;

export const ws = {
  name: 'ws',
  title: 'WebSocket',
  ...clientOf<WebSocketClient>(),
  load: lazily(() => import('./protocol.ts')),
  metrics: {
    ws_sessions: counter('WebSocket sessions', opening),
    /** Sessions that could not be opened, or that broke. */
    ws_session_failed: rate('failed WebSocket sessions', opening),
    ws_connecting: time('WebSocket connecting time', opening),
    ws_session_duration: time('WebSocket session length', session),
    ws_msgs_sent: counter('WebSocket messages sent', session),
    ws_msgs_received: counter('WebSocket messages received', session),
    ws_time_to_first_message: time('time to first WebSocket message', {
      ...session,
      follows: 'ws_time_to_first_message',
    }),
    ws_ping: time('WebSocket ping time', session),
    ws_request_duration: time('WebSocket response time', request),
    ws_request_failed: rate('failed WebSocket requests', request),
  },
  held: {
    count: 'ws_sessions',
    failed: 'ws_session_failed',
    length: 'ws_session_duration',
    sent: 'ws_msgs_sent',
    received: 'ws_msgs_received',
    first: 'ws_time_to_first_message',
    request: 'ws_request_duration',
  },
  outcomes: [{ failed: 'ws_session_failed', noun: 'WebSocket session' }],
  errorsAmong: ['ws_sessions', 'ws_request_duration'],
  judgedWhenCut: ['ws_request_duration', 'ws_connecting'],
  listening: ['ws_time_to_first_message'],
  breakdowns: [
    {
      metrics: [
        'ws_sessions',
        'ws_session_failed',
        'ws_session_duration',
        'ws_msgs_sent',
        'ws_msgs_received',
        'ws_time_to_first_message',
        'ws_request_duration',
      ],
      by: ['user', 'task', 'name'],
    },
  ],
  tags: { name: {}, status: { isOutcome: true, form: statusForm }, error_code: { isOutcome: true } },
  errors: [
    {
      pattern: /^ws_http_429$/,
      advice: 'The target limits the rate: raise its limit for the test, or lower the load.',
    },
    {
      pattern: /^ws_http_(401|403)$/,
      advice:
        'The target rejects the credentials: check the user name, password or token that the suite uses.',
    },
    {
      pattern: /^ws_http_407$/,
      meaning: 'The proxy requires credentials.',
      advice: 'Put user and password into the URL of the proxy: http://user:password@host:port.',
    },
    {
      pattern: /^ws_http_404$/,
      advice: 'The target does not know the path: check the URLs of the suite and its data.',
    },
    {
      pattern: /^ws_http_5/,
      advice: 'The target reported an internal error: check its log at the time of the first error.',
    },
    {
      pattern: /^ws_http_/,
      meaning: 'The target did not open the WebSocket.',
      advice:
        'The target answers the upgrade like an ordinary request: check the path, and whether its proxy forwards upgrades.',
    },
    {
      pattern: /^ws_close_1006$/,
      meaning: 'The target ended a WebSocket session without a close frame.',
      advice:
        'Sessions were cut off: look for crashes, and for idle timeouts of the target and of proxies in front of it.',
    },
    {
      pattern: /^ws_(protocol_error|invalid_utf8)$/,
      meaning: 'What came over a WebSocket breaks its protocol (RFC 6455).',
      advice:
        'The target sends frames that clients must refuse: check the frames that the target or its proxy sends.',
    },
    {
      pattern: /^ws_message_too_large$/,
      meaning: 'A message exceeded the size limit.',
      advice:
        'Messages are longer than allowed: see why they grow, or raise the limit where they are opened.',
    },
  ],
} as const satisfies ProtocolFacts;
