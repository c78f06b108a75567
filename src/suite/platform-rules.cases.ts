// An autoscaling policy in words, as the platforms' own requirements write it, for the tests of scaling/ and of its reader.

import type { ScalingDefinition } from '../model/scaling.ts';

/** Policies of the platforms' own requirements, as written there. */
export const platformRules: NonNullable<ScalingDefinition['rules']> = {
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
};
