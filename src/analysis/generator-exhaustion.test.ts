import { expect, test } from 'vitest';
import type { ErrorGroup } from '../model/error-group.ts';
import { analyse } from './analyse.ts';
import { explainErrorCode } from './error-advice.ts';
import { limitOn, measure } from './measurements.cases.ts';

function group(code: string, count: number, changes: Partial<ErrorGroup> = {}): ErrorGroup {
  const tags = { user: 'buyer', task: 'price', method: 'GET', name: '/' };
  return {
    code,
    message: `said ${code}`,
    source: 'request',
    tags,
    count,
    firstAtMs: 0,
    lastAtMs: 1,
    ...changes,
  };
}

test.each([
  ['EMFILE', 'had no file descriptor left', /ulimit -n/],
  ['EADDRNOTAVAIL', 'could not get a local address and port', /ip_local_port_range.*localAddresses/],
  ['ENOBUFS', 'had no memory left', /memory for sockets/],
  ['body_memory_exceeded', 'had no memory left for the bodies', /responseType 'none'.*--workers/],
])('%s is blamed on the generator, whatever the thresholds say', (code, what, advice) => {
  const run = { changes: { errors: [group(code, 2), group(code, 1, { tags: {} }), group('http_503', 9)] } };
  const measured = measure({
    ...run,
    plan: { thresholds: [limitOn('http_req_duration', 'p95', '<', 1)] },
  });
  const { verdict, findings } = analyse(measured);
  expect(verdict.status).toBe('inconclusive');
  expect(verdict.reasons[0]).toContain(`The generator ${what}`);
  expect(verdict.reasons[0]).toContain(`3 requests could not be made (${code}; first message: said ${code})`);
  const finding = findings.find(({ kind }) => kind === 'generator-saturation');
  expect(finding?.advice).toMatch(advice);
});

test('errors of the target and of user code leave the generator alone', () => {
  const errors = [group('ECONNRESET', 5), group('EMFILE', 5, { source: 'iteration' }), group('EMFILE', 0)];
  expect(measure({ changes: { errors } }).generator.saturated).toBe(false);
});

test('classes that a target causes have a meaning and a remedy; others speak for themselves', () => {
  for (const code of [
    'ECONNRESET',
    'connection_closed',
    'response_timeout',
    'ENOTFOUND',
    'tls_certificate_expired',
  ]) {
    expect(explainErrorCode(code), code).toMatchObject({
      meaning: expect.stringMatching(/^[A-Z].*\.$/),
      advice: expect.stringMatching(/^[A-Z].*\.$/),
    });
  }
  expect(explainErrorCode('http_418')).toBeUndefined();
});
