// What users do with their accounts: profile, subscription, usage, settings. Called by users.ts.

import type { TaskContext } from 'plimsoll';
import { accountCount, accountOf } from '../accounts.ts';
import { ask, oneOf } from './platform.ts';

const operations = [readProfile, readSubscription, readUsage, changeSettings] as const;

/** MIX-9: one of the four. */
export async function useAccount(context: TaskContext): Promise<void> {
  await oneOf(context.vu, operations)(context);
}

async function readProfile(context: TaskContext): Promise<void> {
  const response = await ask(context, 'GET', '/api/users/me', { operation: 'profile' });
  const { email } = accountOf(((context.vu.id - 1) % accountCount) + 1);
  context.check(response, {
    'profile: status is 200': (r) => r.status === 200,
    'profile: is the own one': (r) => r.json<{ email: string }>().email === email,
  });
}

async function readSubscription(context: TaskContext): Promise<void> {
  const response = await ask(context, 'GET', '/api/users/me/subscription', { operation: 'subscription' });
  context.check(response, {
    'subscription: status is 200': (r) => r.status === 200,
    'subscription: has a state': (r) => typeof r.json<{ state: unknown }>().state === 'string',
  });
}

async function readUsage(context: TaskContext): Promise<void> {
  const response = await ask(context, 'GET', '/api/users/me/usage', { operation: 'usage' });
  context.check(response, {
    'usage: status is 200': (r) => r.status === 200,
    'usage: counts questions': (r) => r.json<{ questions: number }>().questions >= 0,
  });
}

async function changeSettings(context: TaskContext): Promise<void> {
  const path = '/api/users/me/settings';
  const read = await ask(context, 'GET', path, { operation: 'settings' });
  if (!context.check(read, { 'settings: status is 200': (r) => r.status === 200 })) return;
  const { notifications, ...settings } = read.json<{ notifications: boolean }>();
  const json = { ...settings, notifications: !notifications };
  const response = await ask(context, 'PUT', path, { operation: 'settings', json });
  context.check(response, {
    'settings: the change is kept': (r) =>
      r.status === 200 && r.json<{ notifications: boolean }>().notifications === !notifications,
  });
}
