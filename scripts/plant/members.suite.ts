// The shipped members suite with its users, limits and monitors, for runs of some seconds. Run by run-one.ts.

import { defineSuite, type MonitorDefinition } from 'plimsoll';
import members from '../../suites/members/suite.ts';

const { normal } = members.profiles;

export default defineSuite({
  ...members,
  name: 'plant-members',
  monitors: Object.fromEntries(
    Object.entries(members.monitors).map(([name, one]): [string, MonitorDefinition] => [
      name,
      { ...one, interval: '1s' },
    ]),
  ),
  alerts: {},
  defaultProfile: 'mixed',
  profiles: {
    mixed: {
      description: 'Everyday users, with the limits of a typical weekday',
      executor: 'constant-vus',
      vus: 20,
      rampUp: '2s',
      duration: '20s',
      thinkTime: ['20ms', '60ms'],
      users: ['mixed'],
      thresholds: normal.thresholds,
    },
  },
});
