// The shipped jorge suite with its users, limits and monitors, for runs of some seconds: fewer users who think for a shorter
// time, and monitors that look each second. Run by run-one.ts.

import { defineSuite, type MonitorDefinition, type ProfileDefinition, type TaskContext } from 'plimsoll';
import { calculatePrice } from '../../suites/jorge/requests.ts';
import jorge from '../../suites/jorge/suite.ts';
import { normalQuality } from '../../suites/jorge/thresholds.ts';
import { users } from '../../suites/jorge/users.ts';

const load = {
  executor: 'constant-vus',
  vus: 12,
  rampUp: '2s',
  duration: '20s',
  thinkTime: ['20ms', '60ms'],
  thresholds: normalQuality,
} satisfies ProfileDefinition;

/** What a suite does in its own code before each request of the profile `weak`. */
const burnMs = 30;

async function burnThenCalculate(context: TaskContext): Promise<void> {
  const untilMs = performance.now() + burnMs;
  while (performance.now() < untilMs);
  await calculatePrice(context);
}

const { baseUrl, http, setup } = jorge;

export default defineSuite({
  ...{ name: 'plant-jorge', baseUrl, http, setup },
  monitors: Object.fromEntries(
    Object.entries(jorge.monitors).map(([name, one]): [string, MonitorDefinition] => [
      name,
      { ...one, interval: '1s' },
    ]),
  ),
  users: {
    ...users,
    programmer: {
      description: 'Whose suite computes a lot before each request',
      tasks: { burn_then_calculate: { run: burnThenCalculate } },
    },
  },
  profiles: {
    mix: { ...load, description: 'The everyday mix', users: ['business'] },
    dashboard: {
      ...load,
      description: 'The overview of administrators, which is expensive unless the cache has it',
      vus: 50,
      thinkTime: ['60ms', '140ms'],
      users: ['admin'],
      tasks: { admin: { admin_overview: 1 } },
    },
    browse: {
      ...load,
      description: 'Accounts and pages of leads, none of them cached',
      vus: 16,
      users: ['business'],
      tasks: { business: { other: 1 } },
    },
    weak: { ...load, description: 'A suite that computes too much itself', users: ['programmer'] },
  },
});
