import { describe, expect, it } from 'vitest';
import type { FaultPlan } from '../model/fault.ts';
import { assertConsent, faultRefusal } from './fault-consent.ts';

const fault = (host?: string): FaultPlan => ({
  ...{ name: 'down', title: 'down', kind: 'refuse', on: 'proxy crm', atMs: 0, forMs: 1000, expect: [] },
  ...(host !== undefined && { place: { host, port: 9000 } }),
});
const test = { environmentSigns: [], allowedHosts: [] };
const production = { environmentSigns: ['the environment is called prod'], allowedHosts: [] };
const nobody = { byUser: false, bySuite: false };

describe('consent to faults', () => {
  it('is not needed on this machine', () => {
    for (const host of ['127.0.0.1', 'localhost', '::1', undefined])
      expect(faultRefusal(fault(host), test, nobody)).toBeUndefined();
  });

  it('is needed elsewhere, of the suite or of the user', () => {
    expect(faultRefusal(fault('crm.test'), test, nobody)).toBe('crm.test is not on this machine');
    expect(faultRefusal(fault('crm.test'), test, { byUser: false, bySuite: true })).toBeUndefined();
    expect(faultRefusal(fault('crm.test'), undefined, { byUser: true, bySuite: false })).toBeUndefined();
  });

  it('is the user’s alone where the environment looks like production', () => {
    expect(faultRefusal(fault('127.0.0.1'), production, { byUser: false, bySuite: true })).toContain('prod');
    expect(faultRefusal(fault(), production, nobody)).toContain('prod');
    expect(faultRefusal(fault(), production, { byUser: true, bySuite: false })).toBeUndefined();
    expect(() => assertConsent([fault()], production, nobody)).toThrow(
      'refused to make the fault down (refuse, proxy crm): the environment is called prod',
    );
  });
});
