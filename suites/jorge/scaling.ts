// When instances of the platform are added and removed: SCALE-1 to SCALE-4. Runs are held against it; nothing is scaled.

import type { ScalingDefinition } from 'plimsoll';

export const scaling: ScalingDefinition = {
  rules: {
    cpu: {
      trigger: 'cpu_percent > 75% for 2 minutes',
      action: 'Add 1 instance',
      cooldown: '5 minutes',
      max_instances: 10,
    },
    memory: {
      trigger: 'memory_percent > 75% for 2 minutes',
      action: 'Add 1 instance',
      cooldown: '5 minutes',
      max_instances: 10,
    },
    latency: {
      trigger: 'p95_latency > 200ms for 3 minutes',
      action: 'Add 1 instance',
      cooldown: '5 minutes',
      max_instances: 10,
    },
    calm: {
      trigger: 'cpu_percent < 30% AND memory_percent < 40% for 10 minutes',
      action: 'Remove 1 instance',
      cooldown: '10 minutes',
      min_instances: 2,
    },
  },
  // Of one core: an instance is one process of Node. How many run, `plimsoll analyze --scaling --instances` is told.
  metrics: { cpu_percent: 'monitor_target_cpu_ratio' },
};
