// When instances of the platform are added and removed (SCALE-7): by CPU and memory, gradually. Runs are held against it.

import type { ScalingDefinition } from 'plimsoll';

export const scaling: ScalingDefinition = {
  rules: {
    cpu: { trigger: 'cpu_percent > 70% for 1 minute', action: 'Add 1 instance', cooldown: '1 minute' },
    memory: { trigger: 'memory_percent > 80% for 1 minute', action: 'Add 1 instance', cooldown: '1 minute' },
    calm: {
      trigger: 'cpu_percent < 30% AND memory_percent < 60% for 5 minutes',
      action: 'Remove 1 instance',
      cooldown: '5 minutes',
    },
  },
  minInstances: 1,
  maxInstances: 4,
  // Of one core: an instance is one process of Node.
  metrics: { cpu_percent: 'monitor_target_cpu_ratio' },
};
