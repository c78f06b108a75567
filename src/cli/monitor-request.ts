// What the flags of `plimsoll monitor` ask to watch, as a suite's monitors. Called by monitor.ts.

import { UsageError } from '../model/errors.ts';
import type { MonitorDefinition } from '../model/monitor-settings.ts';
import { isRedisUrl } from '../protocols/redis/redis-url.ts';
import type { MonitorFlags } from './flags.ts';

/** Monitors by name. Throws a `UsageError` that names the flag and what belongs there. */
export function requestedMonitors(flags: MonitorFlags): Record<string, MonitorDefinition> {
  const monitors: Record<string, MonitorDefinition> = {};
  const add = (name: string, definition: MonitorDefinition): void => {
    let unique = name;
    for (let i = 2; unique in monitors; i++) unique = `${name}_${i}`;
    monitors[unique] = definition;
  };
  for (const which of flags.process ?? []) add('process', processOf(which));
  for (const url of flags.postgres ?? []) {
    add('postgres', {
      kind: 'postgres',
      url: checked('--postgres', url, /^postgres(ql)?:$/, 'postgresql://127.0.0.1/shop'),
    });
  }
  for (const url of flags.redis ?? []) {
    if (!isRedisUrl(url)) throw mistake('--redis', url, 'redis://127.0.0.1:6379');
    add('redis', { kind: 'redis', url });
  }
  for (const url of flags.http ?? []) {
    add('health', { kind: 'http', url: checked('--http', url, /^https?:$/, 'http://127.0.0.1:8000/health') });
  }
  for (const url of flags.nodeExporter ?? []) {
    const nodeExporter = checked('--node-exporter', url, /^https?:$/, 'http://10.0.0.5:9100/metrics');
    add('host', { kind: 'host', nodeExporter });
  }
  for (const text of flags.prometheus ?? []) add('metrics', prometheusOf(text));
  return monitors;
}

function processOf(which: string): MonitorDefinition {
  const [, kind, number] = /^(port|pid):(\d+)$/.exec(which) ?? [];
  if (kind === 'port') return { kind: 'process', port: Number(number) };
  if (kind === 'pid') return { kind: 'process', pid: Number(number) };
  if (which === '' || /^(port|pid):/.test(which))
    throw mistake('--process', which, 'port:8000, pid:1234 or postgres');
  return { kind: 'process', name: which, title: `process ${which}` };
}

const prometheusExample = 'http://127.0.0.1:9000/metrics#http_requests_total,queue_length';

function prometheusOf(text: string): MonitorDefinition {
  const hash = text.indexOf('#');
  const names =
    hash === -1
      ? []
      : text
          .slice(hash + 1)
          .split(',')
          .map((name) => name.trim());
  if (names.length === 0 || names.some((name) => !/^[A-Za-z_:][\w:.]*$/.test(name))) {
    throw mistake('--prometheus', text, prometheusExample);
  }
  const url = checked('--prometheus', text.slice(0, hash), /^https?:$/, prometheusExample);
  const select = Object.fromEntries(names.map((name) => [name.replaceAll(/[^\w]/g, '_'), name]));
  return { kind: 'prometheus', url, title: new URL(url).host, select };
}

function checked(flag: string, url: string, protocols: RegExp, example: string): string {
  if (URL.canParse(url) && protocols.test(new URL(url).protocol)) return url;
  throw mistake(flag, url, example);
}

function mistake(flag: string, found: string, example: string): UsageError {
  return new UsageError(
    `${flag} ${found.replace(/\/\/[^@/]*@/, '//…@')}: expected something such as ${example}`,
  );
}
