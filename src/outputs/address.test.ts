import { expect, test } from 'vitest';
import { UsageError } from '../model/errors.ts';
import { parseSend } from './address.ts';

test.each([
  ['prometheus', { kind: 'prometheus' }],
  ['prometheus=9464', { kind: 'prometheus', port: 9464 }],
  ['prometheus=0.0.0.0:9000', { kind: 'prometheus', host: '0.0.0.0', port: 9000 }],
  ['prometheus=[::1]:9000', { kind: 'prometheus', host: '::1', port: 9000 }],
  ['prometheus=http://127.0.0.1:9000/metrics', { kind: 'prometheus', host: '127.0.0.1', port: 9000 }],
  [
    'prometheus-remote-write=http://127.0.0.1:9090',
    { kind: 'prometheus-remote-write', url: 'http://127.0.0.1:9090/api/v1/write' },
  ],
  [
    'prometheus-remote-write=https://me:pw@h/push?tenant=a=b',
    { kind: 'prometheus-remote-write', url: 'https://me:pw@h/push?tenant=a=b' },
  ],
  ['otlp=http://127.0.0.1:4318', { kind: 'otlp', url: 'http://127.0.0.1:4318/v1/metrics' }],
  ['otlp=http://h:4318/custom', { kind: 'otlp', url: 'http://h:4318/custom' }],
  ['influx=udp://127.0.0.1:8094', { kind: 'influx', url: 'udp://127.0.0.1:8094' }],
  ['influx=tcp://h', { kind: 'influx', url: 'tcp://h' }],
  ['influx=http://h:8086/write?db=x', { kind: 'influx', url: 'http://h:8086/write?db=x' }],
  ['json=out/points.jsonl', { kind: 'json', file: 'out/points.jsonl' }],
  ['webhook=https://h/x', { kind: 'webhook', url: 'https://h/x' }],
  [
    'slack=https://hooks.slack.com/services/a/b',
    { kind: 'webhook', url: 'https://hooks.slack.com/services/a/b', format: 'slack' },
  ],
])('%s is understood', (text, definition) => {
  expect(parseSend(text)).toEqual(definition);
});

function mistakeIn(text: string): UsageError {
  try {
    parseSend(text);
  } catch (thrown) {
    if (thrown instanceof UsageError) return thrown;
  }
  throw new Error(`${text} was taken`);
}

test.each([
  ['promtheus=9464', 'promtheus is not a kind of output', 'did you mean prometheus=9464?'],
  ['influxdb=udp://h', 'influxdb is not a kind of output', 'did you mean influx='],
  ['kafka=x', 'kafka is not a kind of output', 'kinds are prometheus, prometheus-remote-write, otlp'],
  ['toString=x', 'toString is not a kind of output', 'kinds are'],
  ['json=', 'json needs an address', 'such as json=points.jsonl'],
  ['otlp', 'otlp needs an address', 'such as otlp=http'],
  ['prometheus=abc', 'abc is not a port', '9464'],
  ['prometheus=70000', '70000 is not a port', '9464'],
  ['otlp=127.0.0.1:4318', '127.0.0.1:4318 is not a URL', 'such as otlp=http'],
  ['otlp=grpc://h:4317', 'grpc://h:4317 must begin with http://, https://', 'such as otlp='],
  ['influx=http://h:8086', 'http://h:8086/ lacks the path to write to', '/write?db=NAME'],
])('%s is refused, with what was wrong and what to do', (text, message, hint) => {
  const mistake = mistakeIn(text);
  expect(mistake.message).toContain('--send');
  expect(mistake.message).toContain(message);
  expect(mistake.hint).toContain(hint);
});

test.each([
  'otlp=ftp://me:hunter22@h',
  'otlp=http://me:hunter22@',
  'influx=http://me:hunter22@h:8086',
  'https://me:hunter22@h',
])('the password in %s is not shown', (text) => {
  const { message, hint } = mistakeIn(text);
  expect(message + hint).not.toContain('hunter22');
});
