// What is known of Server-Sent Events without their client. See ../facts.ts.

import { clientOf, counter, lazily, type ProtocolFacts, rate, statusForm, time } from '../facts.ts';
import type { SseClient } from './sse.ts';

const stream = { noun: 'event stream' } as const;

export const sse = {
  name: 'sse',
  title: 'Server-Sent Events',
  ...clientOf<SseClient>(),
  load: lazily(() => import('./protocol.ts')),
  metrics: {
    sse_sessions: counter('event streams', stream),
    /** Streams that could not be opened, or that broke. */
    sse_session_failed: rate('failed event streams', stream),
    sse_session_duration: time('event stream length', stream),
    sse_events: counter('events received', stream),
    sse_time_to_first_event: time('time to first event', { ...stream, follows: 'sse_time_to_first_event' }),
  },
  held: {
    count: 'sse_sessions',
    failed: 'sse_session_failed',
    length: 'sse_session_duration',
    received: 'sse_events',
    first: 'sse_time_to_first_event',
  },
  outcomes: [{ failed: 'sse_session_failed', noun: 'event stream' }],
  // Every stream is an HTTP request, and counts there.
  errorsAmong: [],
  judgedWhenCut: [],
  listening: ['sse_time_to_first_event'],
  breakdowns: [
    {
      metrics: [
        'sse_sessions',
        'sse_session_failed',
        'sse_session_duration',
        'sse_events',
        'sse_time_to_first_event',
      ],
      by: ['user', 'task', 'name'],
    },
  ],
  tags: { name: {}, status: { isOutcome: true, form: statusForm }, error_code: { isOutcome: true } },
  errors: [
    {
      pattern: /^sse_event_too_large$/,
      meaning: 'A message exceeded the size limit.',
      advice:
        'Messages are longer than allowed: see why they grow, or raise the limit where they are opened.',
    },
    {
      pattern: /^sse_not_a_stream$/,
      meaning: 'The answer was no event stream.',
      advice: 'The target answers with another content type than text/event-stream: check the path.',
    },
  ],
} as const satisfies ProtocolFacts;
