// Where figures go while a run goes on: as a suite or the command line says it, and what became of them.

/** ms, or text such as `"5s"`. */
type Time = number | string;

/** A page to scrape, on this machine. */
export interface PrometheusOutputDefinition {
  readonly kind: 'prometheus';
  /** 9464 when absent. */
  readonly port?: number;
  /** 127.0.0.1 when absent. */
  readonly host?: string;
}

export interface RemoteWriteOutputDefinition {
  readonly kind: 'prometheus-remote-write';
  /** Such as `http://127.0.0.1:9090/api/v1/write`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Time from one delivery to the next; 5 s when absent. */
  readonly interval?: Time;
}

export interface OtlpOutputDefinition {
  readonly kind: 'otlp';
  /** Such as `http://127.0.0.1:4318/v1/metrics`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly interval?: Time;
}

/** InfluxDB line protocol, for InfluxDB's HTTP API and Telegraf's listeners. */
export interface InfluxOutputDefinition {
  readonly kind: 'influx';
  /** `http://host:8086/api/v2/write?org=o&bucket=b`, `udp://host:8094`, `tcp://host:8094`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly interval?: Time;
}

/** One JSON object a line. */
export interface JsonOutputDefinition {
  readonly kind: 'json';
  /** Relative to where the command was started. */
  readonly file: string;
}

/** A message for each alert that begins, changes its level, or ends. */
export interface WebhookOutputDefinition {
  readonly kind: 'webhook';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `json`: the alert as data. `slack`: a text that Slack and what is compatible with it show. `json` when absent. */
  readonly format?: 'json' | 'slack';
}

export type OutputDefinition =
  | PrometheusOutputDefinition
  | RemoteWriteOutputDefinition
  | OtlpOutputDefinition
  | InfluxOutputDefinition
  | JsonOutputDefinition
  | WebhookOutputDefinition;

export type OutputKind = OutputDefinition['kind'];

/** What became of the data of one output; in the run record. */
export interface OutputTally {
  readonly kind: OutputKind;
  /** Where to, without secrets. */
  readonly to: string;
  /** Data points delivered (of webhooks: messages), and those given up. */
  readonly sent: number;
  readonly lost: number;
  /** Deliveries that failed, retries among them. */
  readonly failures: number;
  /** Why the latest of them did. */
  readonly lastError?: string;
}
