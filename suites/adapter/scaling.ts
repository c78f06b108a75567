// When instances of the service are added, and when bigger ones are due: SCALE-5 and SCALE-6. Used by suite.ts. Runs are held
// against it; nothing is scaled. The source has no rule that removes instances.

import type { ScalingDefinition } from 'plimsoll';

export const scaling: ScalingDefinition = {
  rules: {
    cpu: { trigger: 'cpu_percent > 70% for 5 minutes', action: 'Add 1 instance' },
    memory: { trigger: 'memory_percent > 75%', action: 'Add 1 instance' },
    latency: { trigger: 'p95_latency > 1500ms', action: 'Add 1 instance' },
    errors: { trigger: 'error_rate > 3%', action: 'Add 1 instance' },
    pool: { trigger: 'db_pool_percent >= 90% for 5 minutes', action: 'Use bigger instances' },
  },
  // Of one core: an instance is one process of Node.
  metrics: { cpu_percent: 'monitor_target_cpu_ratio' },
};
