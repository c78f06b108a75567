import { expect, test } from 'vitest';
import { knownSecrets } from './known-secrets.ts';
import { learnSuite } from './learn-suite.ts';

test('an entry of `secrets` is the name of a variable, or else the value itself', () => {
  learnSuite({ secrets: ['LEDGER_LOGIN', 'alice-4711-ledger'] }, { LEDGER_LOGIN: 'bob-0815-ledger' });
  expect(knownSecrets.hide('bob-0815-ledger and alice-4711-ledger in LEDGER_LOGIN')).toBe(
    '*** and *** in LEDGER_LOGIN',
  );
});

test('the name of a required variable stays readable where the variable is not set', () => {
  learnSuite({ secrets: ['LEDGER_ENTRY'], requiredEnv: ['LEDGER_ENTRY'] }, {});
  expect(knownSecrets.hide('the environment variable LEDGER_ENTRY to be set')).toContain('LEDGER_ENTRY');
});
