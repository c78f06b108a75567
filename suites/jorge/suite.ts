// Load tests of Jorge's Revenue Acceleration Platform. README.md names the requirement behind each number.

import { defineSuite } from 'plimsoll';
import { alerts, monitors } from './monitors.ts';
import { objectives } from './objectives.ts';
import { profiles } from './profiles.ts';
import { assertHealthy } from './requests.ts';
import { scaling } from './scaling.ts';
import { users } from './users.ts';

export default defineSuite({
  name: 'jorge',
  description: "Jorge's Revenue Acceleration Platform: pricing, analytics, ROI reports, savings, admin",
  target: { name: 'jorge' },
  baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8000',
  http: { timeout: '30s', headers: { accept: 'application/json' } },
  setup: assertHealthy,
  monitors,
  alerts,
  scaling,
  users,
  profiles,
  objectives,
  // The cron line of the source's workflow.
  schedules: { nightly: { when: 'every day at 02:00', profiles: 'all', flags: ['--with-target'] } },
});
