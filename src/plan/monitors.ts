// The monitors of a profile become a part of its plan: numbers in place of texts, defaults filled in, no secrets.

import { publicUrl } from '../masking/url-secrets.ts';
import { UsageError } from '../model/errors.ts';
import type {
  MonitorDefinition,
  MonitorPlan,
  MonitorSecrets,
  MonitorSource,
} from '../model/monitor-settings.ts';
import { planSelections } from '../model/selection-figures.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { figuresOf, generatorMonitor, monitorSecrets, monitorSettings } from '../suite/monitor-settings.ts';
import { profileSettings } from '../suite/protocol-settings.ts';
import type { TargetParts } from '../target-kit/target.ts';
import { msOf } from '../time/duration.ts';

/** What monitors are of when they do not say it themselves. */
interface MonitorSurroundings {
  readonly baseUrl?: string | undefined;
  /** Of the database and the Redis server that the suite loads. */
  readonly sqlUrl?: string | undefined;
  readonly redisUrl?: string | undefined;
  /** What a shipped target that serves `baseUrl` is made of. */
  readonly targetParts?: TargetParts | undefined;
}

/** Everything that becomes of a suite's monitors. */
export interface PlannedMonitors {
  readonly plans: readonly MonitorPlan[];
  readonly secrets: MonitorSecrets;
  /** Optional ones whose source is not known, with the reason. */
  readonly leftOut: readonly { readonly monitor: string; readonly reason: string }[];
}

const defaultInterval = '5s';
const defaultTimeout = '2s';
const defaultShare = 0.1;
/** A probe that waits for a hanging target costs nothing, and must not be made so seldom that it overlooks its return. */
const defaultShareOfProbes = 0.5;
const defaultSlowStatement = '1s';
const defaultOtlpPort = 4318;

/**
 * Plans the monitors of a profile. Throws a `UsageError` for one whose source is not known, unless it is optional.
 */
export function monitorsOf(
  suite: SuiteDefinition,
  profileName: string,
  where: Pick<MonitorSurroundings, 'baseUrl' | 'targetParts'>,
): PlannedMonitors {
  const { sql, redis } = profileSettings(suite, profileName);
  const surroundings = { ...where, sqlUrl: sql?.url, redisUrl: redis?.url };
  const plans: MonitorPlan[] = [];
  const leftOut: { monitor: string; reason: string }[] = [];
  const urls: Record<string, string> = {};
  const definitions = monitorSettings(suite, profileName);
  for (const [name, definition] of Object.entries(definitions)) {
    const found = sourceOf(name, definition, surroundings);
    if (found.reason !== undefined) {
      if (definition.optional !== true) {
        throw new UsageError(`monitors.${name}: ${found.reason}`, {
          hint: `give its address, or allow the monitor to be left out: monitors.${name}.optional = true`,
        });
      }
      leftOut.push({ monitor: name, reason: found.reason });
      continue;
    }
    if (found.url !== undefined) urls[name] = found.url;
    plans.push({
      name,
      title: definition.title ?? titleOf(name, found.source),
      intervalMs: msOf(definition.interval ?? defaultInterval),
      timeoutMs: msOf(definition.timeout ?? defaultTimeout),
      share: definition.share ?? (definition.kind === 'http' ? defaultShareOfProbes : defaultShare),
      figures: figuresOf(definition),
      source: found.source,
    });
  }
  return { plans, secrets: monitorSecrets(definitions, urls), leftOut };
}

type Found =
  | { readonly source: MonitorSource; readonly url?: string; readonly reason?: undefined }
  | { readonly reason: string };

function sourceOf(name: string, definition: MonitorDefinition, surroundings: MonitorSurroundings): Found {
  const { baseUrl, sqlUrl, redisUrl, targetParts } = surroundings;
  switch (definition.kind) {
    case 'host': {
      const { kind, nodeExporter } = definition;
      if (nodeExporter === undefined) return { source: { kind } };
      return { source: { kind, nodeExporter: publicUrl(nodeExporter) }, url: nodeExporter };
    }
    case 'process':
      return processSource(name, definition, surroundings);
    case 'postgres': {
      const url = definition.url ?? sqlUrl ?? targetParts?.postgres;
      if (url === undefined) return { reason: `the address of ${whose(baseUrl)} PostgreSQL is not known` };
      const slowStatementMs = msOf(definition.slowStatement ?? defaultSlowStatement);
      return { source: { kind: 'postgres', url: publicUrl(url), slowStatementMs }, url };
    }
    case 'redis': {
      const url = definition.url ?? redisUrl ?? targetParts?.redis;
      if (url === undefined) return { reason: `the address of ${whose(baseUrl)} Redis is not known` };
      return { source: { kind: 'redis', url: publicUrl(url) }, url };
    }
    case 'prometheus':
      return withPage(definition.url ?? '/metrics', baseUrl, (url) => ({
        kind: 'prometheus',
        url,
        select: planSelections(definition.select),
      }));
    case 'prometheus-query':
      return withPage(definition.url, baseUrl, (url) => ({
        kind: 'prometheus-query',
        url,
        queries: Object.fromEntries(
          Object.entries(definition.queries).map(([figure, one]) => [
            figure,
            typeof one === 'string' ? one : one.query,
          ]),
        ),
      }));
    case 'http': {
      const { status, bodyContains, json = {} } = definition.expect ?? {};
      const figures = Object.fromEntries(
        Object.entries(definition.figures ?? {}).map(([figure, one]) => [
          figure,
          typeof one === 'string' ? one : one.path,
        ]),
      );
      return withPage(definition.url, baseUrl, (url) => ({
        kind: 'http',
        url,
        ...(status !== undefined && { statuses: typeof status === 'number' ? [status] : status }),
        ...(bodyContains !== undefined && { bodyContains }),
        json,
        figures,
        ...(definition.restart !== undefined && { restart: definition.restart }),
      }));
    }
    case 'otlp': {
      const { port = defaultOtlpPort, select } = definition;
      return { source: { kind: 'otlp', port, select: planSelections(select) } };
    }
    case 'log': {
      const { file, errors = usualErrors } = definition;
      return { source: { kind: 'log', file, errors } };
    }
  }
}

function whose(baseUrl: string | undefined): string {
  return baseUrl === undefined ? 'the system’s' : `the ${baseUrl} system’s`;
}

/** Levels as most loggers write them, in text and in JSON (`pino` has numbers). */
const usualErrors = String.raw`\b(?:ERROR|FATAL|CRITICAL|PANIC|EMERG)\b|"level":\s*(?:"(?:error|fatal|critical|panic)"|[56]0\b)|level=(?:error|fatal|panic)`;

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

function processSource(
  name: string,
  definition: Extract<MonitorDefinition, { kind: 'process' }>,
  { baseUrl, sqlUrl, redisUrl }: MonitorSurroundings,
): Found {
  const { kind, port, pid, pidFile, name: processName, children = true, metrics } = definition;
  const page = metrics === undefined ? undefined : absolute(metrics, baseUrl);
  const common = { kind, children, ...(page !== undefined && { metrics: publicUrl(page) }) } as const;
  const url = page === undefined ? {} : { url: page };
  if (port !== undefined) return { source: { ...common, port }, ...url };
  if (pid !== undefined) return { source: { ...common, pid }, ...url };
  if (pidFile !== undefined) return { source: { ...common, pidFile }, ...url };
  if (processName !== undefined) return { source: { ...common, name: processName }, ...url };
  if (name === generatorMonitor) return { source: common };
  const loaded = baseUrl ?? sqlUrl ?? redisUrl;
  const target = loaded === undefined ? undefined : new URL(loaded);
  if (target === undefined || !loopback.test(target.hostname)) {
    return { reason: 'the process to watch is not known: give port, pid, pidFile or name' };
  }
  const itsPort = target.port === '' ? usualPorts[target.protocol] : Number(target.port);
  return { source: { ...common, port: itsPort ?? 80 }, ...url };
}

const usualPorts: Readonly<Record<string, number>> = {
  'https:': 443,
  'postgres:': 5432,
  'postgresql:': 5432,
  'redis:': 6379,
  'rediss:': 6379,
};

function withPage(
  url: string,
  baseUrl: string | undefined,
  source: (publicUrl: string) => MonitorSource,
): Found {
  const page = absolute(url, baseUrl);
  if (page === undefined) return { reason: `${url} is relative to baseUrl, which the suite does not set` };
  return { source: source(publicUrl(page)), url: page };
}

function absolute(url: string, baseUrl: string | undefined): string | undefined {
  return URL.canParse(url, baseUrl) ? new URL(url, baseUrl).href : undefined;
}

function titleOf(name: string, source: MonitorSource): string {
  switch (source.kind) {
    case 'host':
      return source.nodeExporter === undefined
        ? 'this machine'
        : `host ${new URL(source.nodeExporter).hostname}`;
    case 'process':
      if (source.port !== undefined) return `process on port ${source.port}`;
      return source.pid === undefined ? `process ${name}` : `process ${source.pid}`;
    case 'postgres':
      return 'PostgreSQL';
    case 'redis':
      return 'Redis';
    case 'http':
      return 'health';
    case 'log':
      return `log ${source.file.replace(/^.*[/\\]/, '')}`;
    case 'prometheus':
    case 'prometheus-query':
    case 'otlp':
      return name;
  }
}
