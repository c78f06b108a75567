// What a metric's figure is called in sentences: `95th percentile response time of task login`. Verdicts, findings,
// alerts, reports and the live display all ask here; tables have the metric's own name beside it.

import type { Aggregation } from './aggregation.ts';
import type { BuiltInMetric, MetricType, Tags } from './metric.ts';
import { monitorMetric } from './monitor.ts';
import type { MonitorPlan } from './monitor-settings.ts';

/** What is said of one figure. */
interface FigureSubject {
  readonly metric: string;
  readonly type: MetricType;
  readonly tags: Tags;
  readonly aggregation: Aggregation;
}

/**
 * Trends and gauges by what they measure, rates by what they are the share of, counters by what they count. In lower
 * case, save for names.
 */
const words: Readonly<Record<BuiltInMetric, string>> = {
  http_reqs: 'requests',
  http_req_failed: 'failed requests',
  http_req_duration: 'response time',
  http_req_blocked: 'wait for a connection',
  http_req_connecting: 'connecting time',
  http_req_tls_handshaking: 'TLS handshake time',
  http_req_sending: 'sending time',
  http_req_waiting: 'time to first byte',
  http_req_receiving: 'receiving time',
  http_req_service_time: 'service time of requests',
  http_req_resent: 'requests sent again',
  ws_sessions: 'WebSocket sessions',
  ws_session_failed: 'failed WebSocket sessions',
  ws_connecting: 'WebSocket connecting time',
  ws_session_duration: 'WebSocket session length',
  ws_msgs_sent: 'WebSocket messages sent',
  ws_msgs_received: 'WebSocket messages received',
  ws_time_to_first_message: 'time to first WebSocket message',
  ws_ping: 'WebSocket ping time',
  ws_request_duration: 'WebSocket response time',
  ws_request_failed: 'failed WebSocket requests',
  sse_sessions: 'event streams',
  sse_session_failed: 'failed event streams',
  sse_session_duration: 'event stream length',
  sse_events: 'events received',
  sse_time_to_first_event: 'time to first event',
  sql_ops: 'SQL statements',
  sql_op_failed: 'failed SQL statements',
  sql_op_duration: 'SQL statement time',
  sql_op_service_time: 'service time of SQL statements',
  sql_pool_wait: 'wait for a database connection',
  sql_connecting: 'database connecting time',
  sql_rows: 'SQL rows',
  sql_transactions: 'SQL transactions',
  sql_transaction_failed: 'failed SQL transactions',
  sql_transaction_duration: 'SQL transaction time',
  sql_retries: 'SQL retries',
  redis_ops: 'Redis commands',
  redis_op_failed: 'failed Redis commands',
  redis_op_duration: 'Redis command time',
  redis_op_service_time: 'service time of Redis commands',
  redis_hits: 'Redis hits',
  redis_connecting: 'Redis connecting time',
  redis_pool_wait: 'wait for a Redis connection',
  redis_msgs_received: 'Redis messages received',
  iterations: 'iterations',
  iteration_duration: 'iteration time',
  iterations_failed: 'failed iterations',
  dropped_iterations: 'dropped iterations',
  group_duration: 'group time',
  recovery_time: 'recovery time',
  vus: 'virtual users at work',
  vus_max: 'virtual users there',
  checks: 'checks passed',
  data_sent: 'data sent',
  data_received: 'data received',
  generator_schedule_lag: "the generator's schedule lag",
  generator_event_loop_delay: "the generator's event loop delay",
  generator_cpu: "the generator's CPU share",
  generator_gc_pause: "the generator's garbage collection pauses",
  generator_memory: "the generator's memory",
};

/** `Median response time of task login`, the subject of a sentence. */
export function figureWords(
  { metric, type, tags, aggregation }: FigureSubject,
  monitors: readonly Pick<MonitorPlan, 'name' | 'title' | 'figures'>[] = [],
): string {
  const { check, ...places } = tags;
  const isOneCheck = metric === 'checks' && check !== undefined;
  const what = isOneCheck ? { noun: `check "${check}" passed`, of: '' } : nounOf(metric, monitors);
  const text = `${aggregationWords(aggregation, type, what.noun)}${what.of}`;
  // Own names of custom metrics stay as they are written.
  const named =
    'isOwnName' in what && text.startsWith(metric) ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  const where = tagWords(isOneCheck ? places : tags);
  return where === '' ? named : `${named} ${where}`;
}

function nounOf(
  metric: string,
  monitors: readonly Pick<MonitorPlan, 'name' | 'title' | 'figures'>[],
): { noun: string; of: string; isOwnName?: true } {
  if (Object.hasOwn(words, metric)) return { noun: words[metric as BuiltInMetric], of: '' };
  for (const { name, title, figures } of monitors) {
    const prefix = monitorMetric(name, '');
    const figure = metric.startsWith(prefix) ? metric.slice(prefix.length) : undefined;
    if (figure !== undefined && Object.hasOwn(figures, figure)) {
      return { noun: figures[figure]!.title, of: ` of ${title}` };
    }
  }
  return { noun: metric, of: '', isOwnName: true };
}

function aggregationWords(aggregation: Aggregation, type: MetricType, noun: string): string {
  const bare = noun.replace(/^the generator's /, '');
  const whose = bare === noun ? '' : "the generator's ";
  const before = (word: string): string => `${whose}${word} ${bare}`;
  switch (aggregation.kind) {
    case 'percentile':
      return aggregation.p === 50 ? before('median') : before(`${ordinal(aggregation.p)} percentile`);
    case 'avg':
      return before('average');
    case 'med':
      return before('median');
    case 'min':
      return before('least');
    case 'max':
      return before('greatest');
    case 'last':
      return before('last');
    case 'growth':
      return `growth of ${noun}`;
    case 'share_above':
      return `share of readings of ${noun} above ${aggregation.value}`;
    case 'count':
      return type === 'counter' ? noun : `number of samples of ${noun}`;
    case 'value':
    case 'rate':
      return noun;
  }
}

/** `95th`, `99.9th`, `1st`, `12th` */
function ordinal(p: number): string {
  const last = /(\d)$/.exec(String(p))?.[1];
  const isTeen = Number.isInteger(p) && p % 100 >= 11 && p % 100 <= 13;
  if (isTeen || !Number.isInteger(p)) return `${p}th`;
  return `${p}${last === '1' ? 'st' : last === '2' ? 'nd' : last === '3' ? 'rd' : 'th'}`;
}

const tagNouns: ReadonlyMap<string, string> = new Map([
  ['task', 'task'],
  ['user', 'user'],
  ['scenario', 'scenario'],
  ['group', 'group'],
  ['check', 'check'],
  ['method', 'method'],
  ['status', 'status'],
  ['operation', 'statement'],
  ['command', 'command'],
]);

/** `of task login with status 500`; the request's own name stands without a noun. */
function tagWords(tags: Tags): string {
  const names = Object.keys(tags).sort((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
  return names
    .map((name) => {
      const value = tags[name]!;
      if (name === 'name') return `of ${tags.method === undefined ? '' : `${tags.method} `}${value}`;
      if (name === 'method' && tags.name !== undefined) return '';
      if (name === 'status') return `with status ${value}`;
      const noun = tagNouns.get(name);
      return noun === undefined ? `with ${name} ${value}` : `of ${noun} ${value}`;
    })
    .filter((text) => text !== '')
    .join(' ');
}

/** From the narrow to the wide: the request, its task, its user, its scenario; then what else there is. */
const tagOrder = ['name', 'check', 'group', 'operation', 'command', 'task', 'user', 'scenario'];

function rankOf(name: string): number {
  const rank = tagOrder.indexOf(name);
  return rank === -1 ? tagOrder.length : rank;
}
