// What is known of a protocol without loading its client: its metrics, its words, its breakdowns, its errors. Every room
// may read these facts, so they are the lowest of all and import nothing but types. registry.ts lists them.

/** One metric: `contains` is `time` in ms, `data` in bytes, `default` anything else. */
export interface MetricFacts {
  readonly type: 'counter' | 'gauge' | 'rate' | 'trend';
  readonly contains: 'default' | 'time' | 'data';
  /** What a figure of it is called in a sentence, in lower case: `response time`, `failed requests`. */
  readonly words: string;
  /** What one piece of the work is called that the metric tells of; `s` makes several. Absent: `sample`. */
  readonly noun?: string;
  /** The trend that would have had a value of each piece of work that was cut off, of which this metric lacks one, too. */
  readonly follows?: string;
}

/** What a protocol does, counted one by one: what live displays, outages and verdicts tell of. */
export interface OperationFacts {
  /** Stands in records, beside `iteration`. */
  readonly kind: string;
  readonly count: string;
  /** A rate. */
  readonly failed: string;
  readonly duration: string;
  /** One of them; `s` makes several. */
  readonly noun: string;
  /** After a count per second in the live line: `req/s`. */
  readonly perSec: string;
  /** Which of the colours of charts it has, from 1. */
  readonly colour: 1 | 2 | 3 | 5;
  /** Absent where reports show them in another way. */
  readonly table?: OperationTableFacts;
}

/** The table of operations in reports: one row for each operation of a task, with calls, failures and times. */
export interface OperationTableFacts {
  readonly id: string;
  readonly title: string;
  /** Above their names: `Statement`. */
  readonly heading: string;
  /** The tag that names them. */
  readonly by: string;
  /** A counter or rate to show beside calls and failures, with its title. */
  readonly more?: { readonly title: string; readonly metric: string };
}

/** Metrics of the connections that virtual users hold open: the table of connections in reports has one row for each name. */
export interface HeldFacts {
  /** A counter: the connections. */
  readonly count: string;
  /** A rate: connections that could not be opened, or that broke. */
  readonly failed: string;
  /** A trend: how long connections lasted. */
  readonly length: string;
  /** A counter of messages; absent where connections only receive. */
  readonly sent?: string;
  /** A counter of messages, or of events. */
  readonly received: string;
  /** A trend: from connecting to the first message or event. */
  readonly first: string;
  /** A trend: from a message to the message that answers it; absent where there are no answers. */
  readonly request?: string;
}

/** Series that the record of a run holds beside whole metrics. */
export interface BreakdownFacts {
  readonly metrics: readonly string[];
  readonly by: readonly string[];
  /** Left out when the run has one scenario only, where it would say nothing new. */
  readonly severalScenariosOnly?: true;
}

/** A tag that the client gives to its samples, and no iteration has. */
export interface TagFacts {
  /** In sentences: `of statement select_user`. Absent: `with status 500`. */
  readonly noun?: string;
  /** It tells how work came out, so what was cut off does not have it. */
  readonly isOutcome?: true;
  /** All values there are. */
  readonly values?: readonly string[];
  /** Where there are others: which values there can be, and what is expected, where that is not one of `values`. */
  readonly form?: { readonly fits: (value: string) => boolean; readonly expected?: string };
}

/** What a class of errors means and what usually helps. */
export interface ErrorFacts {
  /** Codes that it is about, in full. */
  readonly pattern: RegExp;
  /** What happened, as a sentence; absent where code and message say it. */
  readonly meaning?: string;
  /** What to do about it, as a sentence. */
  readonly advice: string;
}

export interface ProtocolFacts {
  /** What user code, suites and plans call it. */
  readonly name: string;
  /** What people call it. */
  readonly title: string;
  /** Loads the folder's `protocol.ts`, which exports `protocol`. */
  readonly load: () => Promise<object>;
  /** The suite must say what it talks to, under the protocol's name; `absent` is said to code that uses it all the same. */
  readonly settings?: { readonly absent: string };
  /** Its settings have a key `tls`. */
  readonly hasTlsSettings?: true;
  /** `setup` and `teardown` have it, too. */
  readonly inHooks?: true;
  readonly metrics: Readonly<Record<string, MetricFacts>>;
  /** Absent where a protocol holds connections instead. */
  readonly operation?: OperationFacts;
  /** Present where virtual users hold connections open. */
  readonly held?: HeldFacts;
  /** Rates that are 1 for what failed, with what one of their samples is called: a run in which all are 1 has failed. */
  readonly outcomes: readonly { readonly failed: string; readonly noun: string }[];
  /** What its errors are a share of: counters and trends. */
  readonly errorsAmong: readonly string[];
  /** Trends whose overdue work says that the load was not answered. */
  readonly judgedWhenCut: readonly string[];
  /** Trends of who listens, and may wait for nothing and be well. */
  readonly listening?: readonly string[];
  readonly breakdowns: readonly BreakdownFacts[];
  readonly tags: Readonly<Record<string, TagFacts>>;
  readonly errors: readonly ErrorFacts[];
}

type Described = Omit<MetricFacts, 'type' | 'contains' | 'words'>;

/** The usual kinds of metrics, so that a list of them reads as a table. */
export const counter = <const More extends Described>(words: string, more?: More) =>
  ({ type: 'counter', contains: 'default', words, ...more }) as const;
export const rate = <const More extends Described>(words: string, more?: More) =>
  ({ type: 'rate', contains: 'default', words, ...more }) as const;
export const time = <const More extends Described>(words: string, more?: More) =>
  ({ type: 'trend', contains: 'time', words, ...more }) as const;

/** The status of an answer in HTTP, which WebSockets and event streams begin with, too. */
export const statusForm = {
  fits: (value: string): boolean => /^(0|[1-9]\d\d)$/.test(value),
  expected: 'one status such as 200, or 0 for no answer',
} as const;

/** Says of what type the client in the context of tasks is. There is no value: only the compiler reads it. */
export function clientOf<Client>(): { readonly client?: Client } {
  return {};
}

/**
 * Says of what types the settings of a protocol are, where suites, plans and secrets have them; `server` only where
 * environments may have them, too. There is no value: only the compiler reads it.
 */
export function settingsOf<
  Types extends {
    readonly suite: object;
    readonly server?: object;
    readonly plan: object;
    readonly secrets?: object;
  },
>(): { readonly settingTypes?: Types } {
  return {};
}

/** Keeps the types of the client itself out of those that suites see. */
export function lazily(load: () => Promise<object>): () => Promise<object> {
  return load;
}
