import { expect, test } from 'vitest';
import { http } from './settings.ts';

test('without settings the defaults hold, and nothing else is in the plan', () => {
  expect(http.plan({})).toEqual({ timeoutMs: 60_000, maxRedirects: 10, headers: {}, connectionsPerHost: 6 });
});

test('texts become numbers, and defaults fill what a setting leaves open', () => {
  const plan = http.plan({
    timeout: { connect: '1s', response: '2s' },
    retries: { count: 2 },
    maxResponseSize: '1.5MB',
    dns: { ttl: '1m' },
    tls: { servername: 's' },
  });
  expect(plan).toMatchObject({
    timeoutMs: 60_000,
    connectTimeoutMs: 1000,
    responseTimeoutMs: 2000,
    retries: { count: 2, backoffMs: 100, on: ['error', 429, 502, 503, 504] },
    maxResponseBytes: 1_572_864,
    dns: { ttlMs: 60_000, select: 'random', policy: 'preferIPv4' },
    tls: { servername: 's', insecureSkipVerify: false, sessionReuse: 'vu' },
  });
});

test('neither keys nor credentials of a proxy are in the plan', () => {
  expect(http.plan({ proxy: 'http://u:p@c:3' }).proxy).toBe('http://c:3');
  expect(http.plan({ proxyFromEnvironment: true }).proxy).toBe('environment');
  const tls = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem', passphrase: 'x' };
  expect(http.plan({ tls }).tls).toEqual({ insecureSkipVerify: false, sessionReuse: 'vu' });
});

test('redirects are a count, or say where they may lead', () => {
  expect(http.plan({ redirects: 3 })).toMatchObject({ maxRedirects: 3 });
  expect(http.plan({ redirects: 'all' })).toEqual(http.plan({}));
  const redirectHeaders = { keep: ['x-trace-token'], drop: ['x-tenant'] };
  const plan = http.plan({ redirects: 'same-origin', redirectHeaders });
  expect(plan).toMatchObject({ maxRedirects: 10, redirectsTo: 'same-origin', redirectHeaders });
});
