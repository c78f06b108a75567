// The platform's requirements as thresholds, by number of users. The README maps each to its sentence of the source.

import type { ThresholdDefinition } from 'plimsoll';

type Thresholds = Readonly<Record<string, readonly ThresholdDefinition[]>>;

/** What users wait for; the questions whether a document is done are none of it. */
const answers = 'http_req_duration{kind:user}';
const requests = 'http_reqs{kind:user}';

/** "WARNING if approaching limits" (SLO-21): a tenth of the limit away from it. */
const limit = (threshold: string): ThresholdDefinition => ({ threshold, warnMargin: 0.1 });

interface Requirement {
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly leastPerMin: number;
  readonly targetPerMin: number;
  readonly errors: string;
}

/** The rows of SLO-9 to SLO-11. */
const required = {
  one: { p95Ms: 3000, p99Ms: 5000, leastPerMin: 20, targetPerMin: 60, errors: '1%' },
  thirty: { p95Ms: 4000, p99Ms: 6000, leastPerMin: 600, targetPerMin: 1200, errors: '1%' },
  fifty: { p95Ms: 5000, p99Ms: 8000, leastPerMin: 1000, targetPerMin: 2000, errors: '1%' },
  hundred: { p95Ms: 8000, p99Ms: 12_000, leastPerMin: 1500, targetPerMin: 3000, errors: '2%' },
} as const satisfies Record<string, Requirement>;

const perSec = (perMin: number): string => (perMin / 60).toFixed(2);

/** SLO-9, SLO-10, SLO-11. */
const table = ({ p95Ms, p99Ms, leastPerMin, targetPerMin, errors }: Requirement): Thresholds => ({
  [answers]: [limit(`p(95)<${p95Ms}`), limit(`p(99)<${p99Ms}`)],
  [requests]: [{ target: `rate>=${perSec(targetPerMin)}`, critical: `rate>=${perSec(leastPerMin)}` }],
  http_req_failed: [limit(`rate<${errors}`)],
});

/** A rare task may not come up in a short run of few users. */
const rare = (threshold: string): ThresholdDefinition => ({ threshold, warnMargin: 0.1, optional: true });

/** SLO-13, and that every tax is exact. */
const operations: Thresholds = {
  'http_req_duration{task:simple_query,kind:user}': [rare('p(95)<3000')],
  'http_req_duration{task:complex_query,kind:user}': [rare('p(95)<5000')],
  degraded_answers: [{ target: 'rate<1%', critical: 'rate<5%', optional: true }],
  'http_req_duration{task:tax_calculation,kind:user}': [rare('p(95)<2000')],
  document_duration: [rare('p(95)<30s')],
  documents_at_once: [{ threshold: 'max<=20', optional: true }],
  'http_req_duration{task:knowledge_search,kind:user}': [rare('p(95)<3000')],
  'http_req_duration{task:user_operations,kind:user}': [rare('p(95)<1000')],
  'checks{check:tax: the answer is exact}': ['rate==1'],
  checks: ['rate>0.99'],
};

/** SLO-12. Of the CPU, the platform's process has one core. */
const resources: Thresholds = {
  monitor_target_cpu_ratio: [{ target: 'avg<70%', critical: 'avg<80%' }],
  monitor_machine_memory_used_ratio: [{ target: 'avg<80%', critical: 'avg<90%' }],
  monitor_postgres_connections: [{ target: 'max<70', critical: 'max<80' }],
  monitor_redis_memory_bytes: [{ target: 'max<4GB', critical: 'max<6GB' }],
};

/** No crash: nobody took the place of the platform's process, and it answered. */
const alive: Thresholds = {
  monitor_target_restarts: ['count<1'],
  monitor_health_up: ['share_above(0)>95%'],
};

const cache: Thresholds = { cache_hits: [limit('rate>70%')] };

export const baseline: Thresholds = { ...operations, ...resources, ...alive, ...table(required.one) };
export const normalDay: Thresholds = { ...operations, ...resources, ...alive, ...table(required.thirty) };
export const peakHours: Thresholds = {
  ...operations,
  ...cache,
  ...resources,
  ...alive,
  ...table(required.fifty),
};
export const taxDeadline: Thresholds = {
  ...operations,
  ...cache,
  ...resources,
  ...alive,
  ...table(required.hundred),
};

/** Graceful degradation: few errors, the throughput stays, the process lives. */
export const stress: Thresholds = {
  ...alive,
  'http_req_duration{kind:user}': [{ target: 'p(95)<8000' }],
  http_req_failed: [limit('rate<2%')],
  goodput_kept: ['value>0.7'],
  'checks{check:tax: the answer is exact}': ['rate==1'],
};

export const spike: Thresholds = {
  ...alive,
  http_req_failed: [limit('rate<5%')],
  spike_recovery_time: [limit('max<2min')],
  'checks{check:tax: the answer is exact}': ['rate==1'],
};

/** A quick look says whether it works, not how much it carries. */
export const quick: Thresholds = {
  ...operations,
  ...alive,
  'http_req_duration{kind:user}': [limit('p(95)<4000')],
  http_req_failed: [limit('rate<1%')],
};

const operation = (name: string, limitMs: number): Thresholds => ({
  [`http_req_duration{operation:${name}}`]: [limit(`p(95)<${limitMs}`)],
});

/** SLO-14. */
export const market: Thresholds = {
  ...operation('tax_simple', 1000),
  ...operation('tax_complex', 2000),
  ...operation('tax_bulk', 30_000),
  'document_duration{size:small}': [limit('p(95)<10s')],
  'document_duration{size:medium}': [limit('p(95)<30s')],
  'document_duration{size:large}': [limit('p(95)<60s')],
  documents_at_once: ['max<=20'],
  monitor_app_documents_at_once_peak: ['max<=20'],
  ...operation('search_simple', 1000),
  ...operation('search_regulatory', 3000),
  ...operation('search_full_text', 2000),
  index_update_duration: [limit('max<5min')],
  ...operation('gdpr_export', 60_000),
  ...operation('gdpr_deletion', 30_000),
  ...operation('audit_log', 5000),
  ...operation('compliance_report', 120_000),
  'checks{check:tax: the answer is exact}': ['rate==1'],
  checks: ['rate>0.99'],
  http_req_failed: [limit('rate<1%')],
  ...alive,
};
