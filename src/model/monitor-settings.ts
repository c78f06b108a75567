// What is watched beside the load: as a suite, a profile or an environment says it, and as the plan has it.

import {
  type FigureDefinition,
  type FigureDefinitions,
  type MonitorKind,
  type MonitorUnit,
  monitorMetric,
} from './monitor.ts';

/** ms, or text such as `"5s"`. */
type Time = number | string;

interface Common {
  /** Time from one reading to the next; 5 s when absent, 100 ms at the least. */
  readonly interval?: Time;
  /** Longest time for one reading; 2 s when absent. A reading that takes longer is given up. */
  readonly timeout?: Time;
  /**
   * The share of the time that readings may take, 0..1; 0.1 when absent. After a reading that took 300 ms, a monitor
   * with 0.1 waits at least 2.7 s, whatever its interval.
   */
  readonly share?: number;
  /** For people; made of kind and source when absent. */
  readonly title?: string;
  /**
   * Where its source is not known, it is left out, and thresholds and alerts on its figures with it; else a threshold
   * that nothing was read for makes the verdict `inconclusive`.
   */
  readonly optional?: boolean;
}

/** CPU, memory, load, disk and network of a machine. */
export interface HostMonitorDefinition extends Common {
  readonly kind: 'host';
  /** Of another machine: where its Prometheus node exporter answers, such as `http://10.0.0.5:9100/metrics`. */
  readonly nodeExporter?: string;
}

/**
 * A process and its children, on this machine. One of `port`, `pid`, `pidFile` and `name` says which; without any it is
 * whoever listens on the port of the suite's `baseUrl`, of its database or of its Redis server, the first there is,
 * where that is on this machine.
 */
export interface ProcessMonitorDefinition extends Common {
  readonly kind: 'process';
  /** Whoever listens on this TCP port. */
  readonly port?: number;
  readonly pid?: number;
  readonly pidFile?: string;
  /** The name of its executable, or a part of its command line. */
  readonly name?: string;
  /** With the processes it started, and theirs; true when absent. */
  readonly children?: boolean;
  /** A page in Prometheus format of the process itself, for what only it can tell, such as its heap. */
  readonly metrics?: string;
}

export interface PostgresMonitorDefinition extends Common {
  readonly kind: 'postgres';
  /** `postgresql://...`; the database that the suite loads, or that of the shipped target, when absent. */
  readonly url?: string;
  /** From when on a statement counts as slow; 1 s when absent. */
  readonly slowStatement?: Time;
}

export interface RedisMonitorDefinition extends Common {
  readonly kind: 'redis';
  /** `redis://...`; the server that the suite loads, or that of the shipped target, when absent. */
  readonly url?: string;
}

/** How a figure is read off a Prometheus exposition. */
export interface PrometheusSelection {
  /** Name of the metric, such as `http_requests_total`. */
  readonly metric: string;
  /** Labels that series must carry; those that match are summed (gauges and counters) or merged (histograms). */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * `value`: as it stands. `increase`: a counter. `quantile`: of what a classic or native histogram gained since the last
   * reading. `average`: of what a histogram or summary gained. By the metric's type when absent: counters `increase`,
   * histograms and summaries `average`, else `value`.
   */
  readonly as?: 'value' | 'increase' | 'quantile' | 'average';
  /** With `quantile`, 0..1, such as 0.95. */
  readonly quantile?: number;
  /** How series of a gauge become one value; `sum` when absent. */
  readonly combine?: 'sum' | 'max' | 'min' | 'avg';
  /** Multiplies what is read: 1000 makes milliseconds of seconds. */
  readonly scale?: number;
  /** What it is after scaling; `count` when absent. */
  readonly unit?: MonitorUnit;
  readonly title?: string;
}

/** Figures from a page in Prometheus text or OpenMetrics format. */
export interface PrometheusMonitorDefinition extends Common {
  readonly kind: 'prometheus';
  /** Absolute, or relative to the suite's `baseUrl`; `/metrics` when absent. */
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** By name of the figure. */
  readonly select: Readonly<Record<string, string | PrometheusSelection>>;
}

/** Figures by PromQL from a Prometheus server. */
export interface PrometheusQueryMonitorDefinition extends Common {
  readonly kind: 'prometheus-query';
  /** Of the server, such as `http://127.0.0.1:9090`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** By name of the figure: an instant query that gives a scalar or one series, its unit and title. */
  readonly queries: Readonly<
    Record<string, string | { readonly query: string; readonly unit?: MonitorUnit; readonly title?: string }>
  >;
}

/** Whether the target answers, how fast, and what its health page says. */
export interface HttpMonitorDefinition extends Common {
  readonly kind: 'http';
  /** Absolute, or relative to the suite's `baseUrl`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What counts as healthy; a status from 200 to 299 when absent. */
  readonly expect?: {
    readonly status?: number | readonly number[];
    readonly bodyContains?: string;
    /** Values that the JSON answer must have, by dotted path: `{ 'db.status': 'up' }`. */
    readonly json?: Readonly<Record<string, string | number | boolean>>;
  };
  /** Further figures from the JSON answer by dotted path: `{ queue: 'queue.length' }`. */
  readonly figures?: Readonly<
    Record<string, string | { readonly path: string; readonly unit?: MonitorUnit; readonly title?: string }>
  >;
  /** A dotted path whose value changes when the target restarts (a start time, a process id), or an uptime. */
  readonly restart?: string;
}

/** Figures that the target sends by OTLP/HTTP (JSON or protobuf) to a port of this machine. */
export interface OtlpMonitorDefinition extends Common {
  readonly kind: 'otlp';
  /** On 127.0.0.1; 4318 when absent. */
  readonly port?: number;
  /** By name of the figure. */
  readonly select: Readonly<Record<string, string | PrometheusSelection>>;
}

/** What an application writes to its log file on this machine while it is under load. */
export interface LogMonitorDefinition extends Common {
  readonly kind: 'log';
  /** Path of the file, from the working directory; it need not be there yet. */
  readonly file: string;
  /** A regular expression of the lines that tell of errors; by the usual words for levels when absent. */
  readonly errors?: string;
}

export type MonitorDefinition =
  | HostMonitorDefinition
  | ProcessMonitorDefinition
  | PostgresMonitorDefinition
  | RedisMonitorDefinition
  | PrometheusMonitorDefinition
  | PrometheusQueryMonitorDefinition
  | HttpMonitorDefinition
  | OtlpMonitorDefinition
  | LogMonitorDefinition;

/** A selection with its defaults filled in; `as` is absent where the metric's type decides. */
export interface SelectionPlan {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly as?: 'value' | 'increase' | 'quantile' | 'average';
  readonly quantile?: number;
  readonly combine: 'sum' | 'max' | 'min' | 'avg';
  readonly scale: number;
}

/**
 * What a monitor of each kind is told, without secrets. URLs are absolute. A process without `port`, `pid`, `pidFile` and
 * `name` is the load generator's own.
 */
export type MonitorSource =
  | { readonly kind: 'host'; readonly nodeExporter?: string }
  | {
      readonly kind: 'process';
      readonly port?: number;
      readonly pid?: number;
      readonly pidFile?: string;
      readonly name?: string;
      readonly children: boolean;
      readonly metrics?: string;
    }
  | { readonly kind: 'postgres'; readonly url: string; readonly slowStatementMs: number }
  | { readonly kind: 'redis'; readonly url: string }
  | {
      readonly kind: 'prometheus';
      readonly url: string;
      readonly select: Readonly<Record<string, SelectionPlan>>;
    }
  | {
      readonly kind: 'prometheus-query';
      readonly url: string;
      readonly queries: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly statuses?: readonly number[];
      readonly bodyContains?: string;
      readonly json: Readonly<Record<string, string | number | boolean>>;
      /** Dotted paths by figure. */
      readonly figures: Readonly<Record<string, string>>;
      readonly restart?: string;
    }
  | {
      readonly kind: 'otlp';
      readonly port: number;
      readonly select: Readonly<Record<string, SelectionPlan>>;
    }
  | { readonly kind: 'log'; readonly file: string; readonly errors: string };

/** The source of one kind: `SourceOf<'redis'>`. */
export type SourceOf<Kind extends MonitorKind> = Extract<MonitorSource, { readonly kind: Kind }>;

export interface MonitorPlan {
  readonly name: string;
  readonly title: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly share: number;
  /** All that it may report. */
  readonly figures: FigureDefinitions;
  readonly source: MonitorSource;
}

/** What a monitor needs and no record may hold. */
export interface MonitorSecret {
  /** The URL with its user and password, where it has any. */
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** By name of the monitor. */
export type MonitorSecrets = Readonly<Record<string, MonitorSecret>>;

/** What is watched, for people: a URL, `port 8000`, `this machine`. */
export function describeSource(source: MonitorSource): string {
  switch (source.kind) {
    case 'host':
      return source.nodeExporter ?? 'this machine';
    case 'process':
      if (source.port !== undefined) return `port ${source.port}`;
      if (source.pid !== undefined) return `process ${source.pid}`;
      if (source.pidFile !== undefined) return `process in ${source.pidFile}`;
      return source.name === undefined ? 'the load generator' : `processes named ${source.name}`;
    case 'otlp':
      return `OTLP on port ${source.port}`;
    case 'log':
      return source.file;
    default:
      return source.url;
  }
}

/** The figure that a metric is of; `undefined` for metrics that are not a monitor's. */
export function figureOfMetric(
  monitors: readonly Pick<MonitorPlan, 'name' | 'figures'>[] | undefined,
  metric: string,
): FigureDefinition | undefined {
  for (const { name, figures } of monitors ?? []) {
    if (!metric.startsWith(monitorMetric(name, ''))) continue;
    const figure = figures[metric.slice(monitorMetric(name, '').length)];
    if (figure !== undefined) return figure;
  }
  return undefined;
}
