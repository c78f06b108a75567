// What the owners of the platform require, SLO-8 to SLO-14 of the README, on the thresholds that the profiles have. Used by
// suite.ts.

import type { ObjectiveDefinition } from 'plimsoll';

const load = ['baseline', 'normal_load', 'normal_day', 'peak_hours', 'tax_deadline'];
const mix = [...load, 'quick', 'validation'];
const market = ['market_requirements'];

export const objectives: Readonly<Record<string, ObjectiveDefinition>> = {
  fast_answers: {
    title: 'Fast answers (SLO-8, SLO-9)',
    description: 'p95 and p99: 3 s and 5 s for 1 user, 4 and 6 for 30, 5 and 8 for 50, 8 and 12 for 100',
    dimension: 'latency',
    thresholds: ['http_req_duration{kind:user}'],
    profiles: load,
    weight: 2,
    impact: 'Advisers ask their questions elsewhere',
    remediation: 'See which task is slow, and compare it with CPU, database and language model',
  },
  throughput: {
    title: 'Requests per minute (SLO-8, SLO-10)',
    description:
      'At least 20 for 1 user, 600 for 30, 1,000 for 50, 1,500 for 100; twice to three times that is the target',
    dimension: 'throughput',
    thresholds: ['http_reqs{kind:user}'],
    profiles: load,
    weight: 2,
    impact: 'The platform carries fewer customers than 25,000 euro a year of revenue need',
  },
  few_errors: {
    title: 'Few errors (SLO-11)',
    description: 'At most 1 % at normal load and at the peak, 2 % under stress, 5 % during a spike',
    dimension: 'reliability',
    thresholds: ['http_req_failed'],
    weight: 2,
    impact: 'Customers lose their work shortly before a deadline',
  },
  cached_answers: {
    title: 'More than 70 % of frequent questions come from the cache (SLO-8)',
    dimension: 'cache',
    thresholds: ['cache_hits'],
    profiles: ['peak_hours', 'tax_deadline'],
    remediation: 'Look at lifetimes and keys of the cache, and warm it',
  },
  resources: {
    title: 'CPU, memory, connections and Redis within their limits (SLO-12)',
    dimension: 'resources',
    thresholds: [
      'monitor_target_cpu_ratio',
      'monitor_machine_memory_used_ratio',
      'monitor_postgres_connections',
      'monitor_redis_memory_bytes',
    ],
    profiles: load,
  },
  each_operation: {
    title: 'Every operation within its limit (SLO-13)',
    description: 'Questions 3 s and 5 s, taxes 2 s, documents 30 s, searches 3 s, user operations 1 s',
    dimension: 'latency',
    thresholds: [
      'http_req_duration{task:simple_query,kind:user}',
      'http_req_duration{task:complex_query,kind:user}',
      'http_req_duration{task:tax_calculation,kind:user}',
      'document_duration',
      'http_req_duration{task:knowledge_search,kind:user}',
      'http_req_duration{task:user_operations,kind:user}',
    ],
    profiles: mix,
  },
  model_answers: {
    title: 'Complex questions are answered by the language model, not without it',
    dimension: 'reliability',
    thresholds: ['degraded_answers'],
    profiles: mix,
    remediation: 'Look at failures and rate limits of the model, and whether the circuit is open',
  },
  exact_taxes: {
    title: 'Every tax is exact, also under load (MIX-9)',
    dimension: 'reliability',
    thresholds: ['checks{check:tax: the answer is exact}'],
    weight: 3,
    impact: 'A customer pays the wrong tax, and a penalty',
    remediation: 'Calculate the case again without load: it is a rule, or a race between requests',
  },
  no_crash: {
    title: 'No crash, and degradation with grace (SLO-8)',
    dimension: 'stability',
    thresholds: ['monitor_target_restarts', 'monitor_health_up', 'goodput_kept'],
    profiles: ['stress'],
  },
  recovery: {
    title: 'As before within two minutes after a spike (PROF-S2-6)',
    dimension: 'stability',
    thresholds: ['spike_recovery_time'],
    profiles: ['spike_test'],
    remediation: 'Look at what is still queued after the spike, and at the autoscaling policy',
  },
  market_taxes: {
    title: 'Taxes: 1 s, 2 s for several, 30 s for a hundred (SLO-14)',
    dimension: 'latency',
    thresholds: [
      'http_req_duration{operation:tax_simple}',
      'http_req_duration{operation:tax_complex}',
      'http_req_duration{operation:tax_bulk}',
    ],
    profiles: market,
  },
  market_documents: {
    title: 'Documents: 10 s, 30 s and 60 s by size, at most 20 at once (SLO-14)',
    dimension: 'latency',
    thresholds: [
      'document_duration{size:small}',
      'document_duration{size:medium}',
      'document_duration{size:large}',
      'documents_at_once',
      'monitor_app_documents_at_once_peak',
    ],
    profiles: market,
  },
  market_search: {
    title: 'Searches: 1 s, 3 s for regulations, 2 s for full text; index updated within 5 min (SLO-14)',
    dimension: 'latency',
    thresholds: [
      'http_req_duration{operation:search_simple}',
      'http_req_duration{operation:search_regulatory}',
      'http_req_duration{operation:search_full_text}',
      'index_update_duration',
    ],
    profiles: market,
  },
  market_compliance: {
    title: 'Export 60 s, deletion 30 s, audit log 5 s, compliance report 120 s (SLO-14)',
    dimension: 'latency',
    thresholds: [
      'http_req_duration{operation:gdpr_export}',
      'http_req_duration{operation:gdpr_deletion}',
      'http_req_duration{operation:audit_log}',
      'http_req_duration{operation:compliance_report}',
    ],
    profiles: market,
  },
};
