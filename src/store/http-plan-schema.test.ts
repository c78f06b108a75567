import { expect, test } from 'vitest';
import type { HttpDefinition } from '../model/http-settings.ts';
import { http } from '../protocols/http/settings.ts';
import { httpPlanSchema } from './http-plan-schema.ts';

test.each<HttpDefinition>([
  {},
  { redirects: 0 },
  { redirects: 'same-origin' },
  { redirects: 'all', redirectHeaders: { drop: ['x-tenant'] } },
  { redirectHeaders: { keep: ['x-trace-token'], drop: ['x-tenant'] } },
  { timeout: { connect: '1s' }, retries: { count: 1 }, dns: { ttl: '1m' }, proxy: 'http://u:p@h:3128' },
])('a record can hold the plan of %j', (settings) => {
  const plan = http.plan(settings);
  expect(httpPlanSchema.parse(plan)).toEqual(plan);
});
