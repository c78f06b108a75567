// The shipped members suite with its users, limits and monitors, for runs of some seconds. Run by run-one.ts.

import { defineSuite, type MonitorDefinition } from 'plimsoll';
import members from '../../suites/members/suite.ts';

const { target, sql, metrics, setup, teardown, users } = members;

export default defineSuite({
  ...{ name: 'plant-members', target, sql, metrics, setup, teardown, users },
  monitors: Object.fromEntries(
    Object.entries(members.monitors).map(([name, one]): [string, MonitorDefinition] => [
      name,
      { ...one, interval: '1s' },
    ]),
  ),
  defaultProfile: 'reading',
  profiles: {
    reading: {
      description: 'Reports and dashboards, with the limit on their times',
      executor: 'constant-vus',
      vus: 12,
      rampUp: '2s',
      duration: '20s',
      thinkTime: ['20ms', '60ms'],
      users: ['read_heavy'],
      // As the shipped profile read_heavy has it.
      thresholds: { iteration_duration: ['avg<100'] },
    },
  },
});
