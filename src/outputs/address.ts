// Outputs as the command line names them: `plimsoll run --send KIND=ADDRESS`.

import { UsageError } from '../model/errors.ts';
import type { OutputDefinition } from '../model/output.ts';
import { nearestName } from '../text/nearest-name.ts';
import { parseReceiverUrl } from './receiver-url.ts';

/** By kind: what an address looks like, and what is made of it. */
const forms: Readonly<
  Record<string, { readonly example: string; readonly parse: (address: string) => OutputDefinition }>
> = {
  prometheus: { example: '9464', parse: parsePrometheus },
  'prometheus-remote-write': {
    example: 'http://127.0.0.1:9090/api/v1/write',
    parse: (address) => ({
      kind: 'prometheus-remote-write',
      url: checkedUrl(address, ['http', 'https'], '/api/v1/write'),
    }),
  },
  otlp: {
    example: 'http://127.0.0.1:4318/v1/metrics',
    parse: (address) => ({ kind: 'otlp', url: checkedUrl(address, ['http', 'https'], '/v1/metrics') }),
  },
  influx: { example: 'http://127.0.0.1:8086/api/v2/write?org=o&bucket=b', parse: parseInflux },
  json: { example: 'points.jsonl', parse: (file) => ({ kind: 'json', file }) },
  webhook: {
    example: 'https://example.org/alerts',
    parse: (address) => ({ kind: 'webhook', url: checkedUrl(address, ['http', 'https']) }),
  },
  slack: {
    example: 'https://hooks.slack.com/services/...',
    parse: (address) => ({ kind: 'webhook', url: checkedUrl(address, ['http', 'https']), format: 'slack' }),
  },
};

/** For help texts. */
const sendKinds: readonly string[] = Object.keys(forms);

/**
 * Parses `KIND=ADDRESS`, such as `prometheus=9464` or `influx=udp://127.0.0.1:8094`; `prometheus` alone takes its usual
 * port. Throws a `UsageError` that says what is wrong, without secrets, and names the nearest kind.
 */
export function parseSend(text: string): OutputDefinition {
  const equals = text.indexOf('=');
  const kind = equals === -1 ? text : text.slice(0, equals);
  const address = equals === -1 ? '' : text.slice(equals + 1).trim();
  const form = Object.hasOwn(forms, kind) ? forms[kind] : undefined;
  if (form === undefined) {
    const near = nearestName(kind, sendKinds);
    throw new UsageError(`--send: ${shown(kind)} is not a kind of output`, {
      hint:
        near === undefined
          ? `kinds are ${sendKinds.join(', ')}`
          : `did you mean ${near}=${forms[near]!.example}?`,
    });
  }
  if (address === '' && kind !== 'prometheus') {
    throw new UsageError(`--send: ${kind} needs an address`, { hint: `such as ${kind}=${form.example}` });
  }
  try {
    return form.parse(address);
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    throw new UsageError(`--send ${kind}: ${thrown.message}`, {
      hint: thrown.hint ?? `such as ${kind}=${form.example}`,
    });
  }
}

function parsePrometheus(address: string): OutputDefinition {
  if (address === '') return { kind: 'prometheus' };
  const match = /^(?:(?:http:\/\/)?(\[[\da-fA-F:.]+\]|[\w.-]+):)?(\d+)(?:\/metrics)?$/.exec(address);
  const port = Number(match?.[2]);
  if (match === null || port < 1 || port > 65_535) {
    throw new UsageError(`${shown(address)} is not a port`, {
      hint: 'write a port such as 9464, or host:port',
    });
  }
  const host = match[1]?.replace(/^\[(.*)\]$/, '$1');
  return { kind: 'prometheus', port, ...(host === undefined ? {} : { host }) };
}

function parseInflux(address: string): OutputDefinition {
  const url = checkedUrl(address, ['http', 'https', 'udp', 'tcp']);
  const { protocol, pathname } = new URL(url);
  if (protocol.startsWith('http') && pathname === '/') {
    throw new UsageError(`${parseReceiverUrl(url, ['http', 'https']).shown} lacks the path to write to`, {
      hint: 'add /write?db=NAME (InfluxDB 1) or /api/v2/write?org=NAME&bucket=NAME (InfluxDB 2)',
    });
  }
  return { kind: 'influx', url };
}

/** The URL as it was given, with `path` when it has none. */
function checkedUrl(address: string, schemes: readonly string[], path?: string): string {
  parseReceiverUrl(address, schemes);
  const url = new URL(address);
  if (path === undefined || url.pathname !== '/') return address;
  url.pathname = path;
  return url.href;
}

/** What was written, short, and without what may be a secret. */
function shown(text: string): string {
  const plain = text.replace(/\/\/[^/@]*@/, '//***@');
  return plain.length > 40 ? `${plain.slice(0, 40)}...` : plain;
}
