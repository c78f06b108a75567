// What is known of HTTP without its client. See ../facts.ts.

import type { HttpClient } from '../../model/context.ts';
import type { HttpSettings } from '../../model/http-settings.ts';
import {
  clientOf,
  counter,
  lazily,
  type ProtocolFacts,
  rate,
  settingsOf,
  statusForm,
  time,
} from '../facts.ts';

const request = { noun: 'request', follows: 'http_req_duration' } as const;
const figures = ['http_reqs', 'http_req_duration', 'http_req_failed'];

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** A server may know methods of its own, in any case. */
const methodForm = {
  fits: (value: string): boolean => value === value.toUpperCase() || !methods.includes(value.toUpperCase()),
};

export const http = {
  name: 'http',
  title: 'HTTP',
  ...clientOf<HttpClient>(),
  ...settingsOf<HttpSettings>(),
  load: lazily(() => import('./protocol.ts')),
  hasTlsSettings: true,
  inHooks: true,
  metrics: {
    http_reqs: counter('requests', request),
    http_req_failed: rate('failed requests', request),
    http_req_duration: time('response time', request),
    http_req_blocked: time('wait for a connection', request),
    http_req_connecting: time('connecting time', request),
    http_req_tls_handshaking: time('TLS handshake time', request),
    http_req_sending: time('sending time', request),
    http_req_waiting: time('time to first byte', request),
    http_req_receiving: time('receiving time', request),
    /** First request of an arrival-rate iteration only: `http_req_duration` without the schedule lag. */
    http_req_service_time: time('service time of requests', request),
    /**
     * Sendings beyond the first of requests that count once: their connection had ended without a byte of an answer. What
     * was sent again was counted when it was, so a cut leaves nothing missing in it.
     */
    http_req_resent: counter('requests sent again', { noun: 'request' }),
  },
  operation: {
    kind: 'request',
    count: 'http_reqs',
    failed: 'http_req_failed',
    duration: 'http_req_duration',
    noun: 'request',
    perSec: 'req/s',
    colour: 2,
  },
  outcomes: [{ failed: 'http_req_failed', noun: 'request' }],
  errorsAmong: ['http_reqs'],
  judgedWhenCut: ['http_req_duration'],
  breakdowns: [
    { metrics: figures, by: ['scenario'], severalScenariosOnly: true },
    { metrics: figures, by: ['user', 'task'] },
    { metrics: figures, by: ['user', 'task', 'method', 'name'] },
    { metrics: ['http_reqs'], by: ['status'] },
  ],
  tags: {
    method: { noun: 'method', values: methods, form: methodForm },
    name: {},
    status: { isOutcome: true, form: statusForm },
    expected_response: { isOutcome: true, values: ['true', 'false'] },
    error_code: { isOutcome: true },
    proto: { isOutcome: true, values: ['HTTP/1.1', 'HTTP/2.0'] },
    tls_version: { isOutcome: true, values: ['tls1.0', 'tls1.1', 'tls1.2', 'tls1.3'] },
  },
  errors: [
    {
      pattern: /^http_429$/,
      advice: 'The target limits the rate: raise its limit for the test, or lower the load.',
    },
    {
      pattern: /^http_(401|403)$/,
      advice:
        'The target rejects the credentials: check the user name, password or token that the suite uses.',
    },
    {
      pattern: /^http_407$|^proxy_authentication_required$/,
      meaning: 'The proxy requires credentials.',
      advice: 'Put user and password into the URL of the proxy: http://user:password@host:port.',
    },
    {
      pattern: /^http_404$/,
      advice: 'The target does not know the path: check the URLs of the suite and its data.',
    },
    {
      pattern: /^http_5/,
      advice: 'The target reported an internal error: check its log at the time of the first error.',
    },
    {
      pattern: /^protocol_error$/,
      meaning: 'The answer is not a valid HTTP response.',
      advice:
        'The target does not answer in valid HTTP: check the port and the scheme, then the bytes it sends.',
    },
    {
      pattern: /^response_too_large$/,
      meaning: 'The answer exceeded the size limit.',
      advice: 'Answers are longer than allowed: see why they grow, or raise http.maxResponseSize.',
    },
    {
      pattern: /^body_memory_exceeded$/,
      meaning: 'The bodies that the users of one worker had at once were longer than the memory for them.',
      advice:
        "Have users that do not read bodies ask for responseType 'none' or 'stream', or set more --workers: each has half a GB.",
    },
    {
      pattern: /^decode_error$/,
      meaning: 'The body was not coded as its content-encoding says.',
      advice:
        'The target, or a proxy before it, damages compressed bodies or names another coding: look at one by hand.',
    },
    {
      pattern: /^encoding_not_supported$/,
      meaning: 'The body was coded in a way that this version of Node cannot undo.',
      advice:
        'Run it with Node 22.15 or later, or leave zstd out of the accept-encoding that the suite sends.',
    },
    {
      pattern: /^too_many_redirects$/,
      meaning: 'The target led from one redirect to the next, and no answer came.',
      advice:
        'Redirects led in circles: look where they go, often a missing cookie or login; or raise http.redirects.',
    },
    {
      pattern: /^redirect_/,
      meaning: 'A redirect could not be followed.',
      advice:
        'Redirects could not be followed: see where they lead; if the redirect is the answer you expect, set redirects: 0.',
    },
  ],
} as const satisfies ProtocolFacts;
