// When the tests of PratikoAI are due, and who looks at them: "Monthly Load Testing Schedule" of the source.

import type { SuiteDefinition } from 'plimsoll';

export const schedules: NonNullable<SuiteDefinition['schedules']> = {
  weekly: {
    when: 'every Sunday at 02:00',
    profiles: 'all',
    flags: ['--budget', '45m', '--compare-baseline'],
    purpose: 'Continuous performance validation: all profiles, in 45 minutes',
    review: [
      'Look at failures, and at regressions of more than 10 %',
      'Update the baseline where the system has become much faster',
      'Keep the results for `plimsoll history`',
    ],
  },
  monthly: {
    when: 'first Monday of the month at 02:00',
    profiles: ['tax_deadline', 'stress'],
    purpose: 'Capacity planning review: extended stress, and what the next months need',
    review: [
      'Look at trends and patterns with the developers',
      'Decide on the scaling of the infrastructure',
      'Bring the profiles in line with how the system is used in production',
      'Review the objectives',
    ],
  },
  quarterly: {
    when: 'last day of the quarter at 09:00',
    profiles: 'all',
    purpose: 'Performance baseline update: major version validation and capacity planning',
    review: [
      'Analyse the results with the stakeholders',
      'Plan the capacity of the next quarter',
      'Improve the load tests themselves',
      'Update requirements and the number of users that is expected',
    ],
  },
  pre_release: {
    onTags: ['v*'],
    profiles: ['quick', 'peak_hours'],
    flags: ['--compare-baseline'],
    purpose: 'Complete validation before a release: no regression of the target profile',
  },
};
