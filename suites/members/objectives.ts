// What the owner of the members system requires, by the grades of the source document. Used by suite.ts.

import type { ObjectiveDefinition } from 'plimsoll';

export const objectives: Readonly<Record<string, ObjectiveDefinition>> = {
  response_time: {
    title: 'Operations stay fast',
    dimension: 'latency',
    thresholds: ['iteration_duration'],
    profiles: ['normal', 'peak', 'stress'],
    classes: { excellent: 'avg<100', good: 'avg<500', acceptable: 'avg<=1000' },
    impact: 'Staff wait for every form and list',
    remediation: 'Add read replicas, cache what is read often, optimize the queries that take most time',
  },
  throughput: {
    title: 'The work of a day gets done',
    dimension: 'throughput',
    thresholds: ['iterations'],
    profiles: ['normal', 'peak'],
    classes: { excellent: 'rate>100', good: 'rate>=50', acceptable: 'rate>=20' },
    impact: 'The system cannot grow to 4,000 users',
  },
  success: {
    title: 'Operations succeed',
    dimension: 'reliability',
    thresholds: ['operation_failed'],
    profiles: ['normal', 'peak', 'sustained'],
    classes: { excellent: 'rate<1%', good: 'rate<=5%', acceptable: 'rate<=10%' },
    impact: 'Entries of members are lost, or made twice',
  },
  no_crash: {
    title: 'The database stays up and has connections left',
    dimension: 'stability',
    thresholds: ['sql_ops{error_class:connection}', 'sql_ops{error_class:too_many_connections}'],
    profiles: ['stress', 'sustained'],
    impact: 'Nobody can work',
  },
};
