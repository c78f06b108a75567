import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SearchOutcome } from '../model/plan.ts';
import { decideNext, type SearchAttempt, type SearchResult, type SearchRules } from './capacity-search.ts';

const rules: SearchRules = { unit: 'iterations/s', from: 10, to: 1000, precision: 0.1 };

/** Carries the search out against a target that answers each step as `outcomeOf` says. */
function search(
  own: SearchRules,
  outcomeOf: (load: number, attempt: number) => SearchOutcome,
): { steps: string[]; result: SearchResult; attempts: SearchAttempt[] } {
  const attempts: SearchAttempt[] = [];
  for (let i = 0; i < 200; i++) {
    const decision = decideNext(own, attempts);
    if (decision.kind === 'done') {
      const steps = attempts.map(({ purpose, load, outcome }) => `${purpose} ${load} ${outcome}`);
      return { steps, result: decision.result, attempts };
    }
    const { load, purpose } = decision;
    attempts.push({ load, purpose, outcome: outcomeOf(load, i) });
  }
  throw new Error('the search does not end');
}
const upTo =
  (capacity: number) =>
  (load: number): SearchOutcome =>
    load <= capacity ? 'held' : 'broke';

describe('a search', () => {
  test('doubles the load until a step breaks, narrows by halves, and confirms what it found', () => {
    const { steps, result } = search(rules, upTo(50));
    expect(steps).toEqual([
      'grow 10 held',
      'grow 20 held',
      'grow 40 held',
      'grow 80 broke',
      'narrow 60 broke',
      'narrow 50 held',
      'narrow 55 broke',
      'confirm 50 held',
    ]);
    expect(result).toEqual({ kind: 'found', safe: 50, breaking: 55 });
  });

  test('goes no higher than it may, and then says at least', () => {
    const { steps, result } = search({ ...rules, to: 35 }, () => 'held');
    expect(steps).toEqual(['grow 10 held', 'grow 20 held', 'grow 35 held']);
    expect(result).toEqual({ kind: 'at-least', safe: 35 });
  });

  test('goes down when its first load breaks already', () => {
    expect(search(rules, upTo(3)).result).toMatchObject({ kind: 'found' });
    const { steps, result } = search({ ...rules, unit: 'users' }, () => 'broke');
    expect(steps).toEqual(['grow 10 broke', 'narrow 5 broke', 'narrow 2 broke', 'narrow 1 broke']);
    expect(result).toEqual({ kind: 'none', breaking: 1 });
    expect(search(rules, () => 'broke').result).toEqual({ kind: 'none', breaking: 0.3125 });
  });

  test('counts whole users, and stops when none are left between', () => {
    const { result } = search({ unit: 'users', from: 1, to: 100, precision: 0.001 }, upTo(13));
    expect(result).toEqual({ kind: 'found', safe: 13, breaking: 14 });
  });

  test('repeats a noisy step once and takes what the repetition shows', () => {
    const noisyOnce = search(rules, (load, i) => (i === 2 ? 'noisy' : upTo(50)(load)));
    expect(noisyOnce.steps.slice(1, 5)).toEqual([
      'grow 20 held',
      'grow 40 noisy',
      'repeat 40 held',
      'grow 80 broke',
    ]);
    expect(noisyOnce.result).toEqual({ kind: 'found', safe: 50, breaking: 55 });
  });

  test('takes a step that was noisy twice for broken', () => {
    const { result, steps } = search(rules, (load) => (load > 45 && load < 58 ? 'noisy' : upTo(45)(load)));
    expect(steps.filter((step) => step.includes('50'))).toEqual(['narrow 50 noisy', 'repeat 50 noisy']);
    expect(result).toEqual({ kind: 'found', safe: 45, breaking: 47.5 });
  });

  test('takes a load that the generator cannot drive for its limit, and goes on below it', () => {
    const once = search(rules, (load, i) => (i === 1 ? 'saturated' : upTo(50)(load)));
    expect(once.result).toMatchObject({ kind: 'found', safe: 50 });
    const { steps, result } = search(rules, (load) => (load > 30 ? 'saturated' : 'held'));
    expect(steps).toEqual([
      'grow 10 held',
      'grow 20 held',
      'grow 40 saturated',
      'repeat 40 saturated',
      'narrow 30 held',
      'narrow 35 saturated',
      'repeat 35 saturated',
      'narrow 32.5 saturated',
      'repeat 32.5 saturated',
      'confirm 30 held',
    ]);
    expect(result).toEqual({ kind: 'generator-limit', safe: 30, limit: 32.5 });
  });

  test('finds the breaking point below the limit of the generator', () => {
    const { result } = search(rules, (load) => (load > 70 ? 'saturated' : upTo(50)(load)));
    expect(result).toEqual({ kind: 'found', safe: 50, breaking: 55 });
  });

  test('goes down from a first load that the generator cannot drive', () => {
    expect(search(rules, (load) => (load > 3 ? 'saturated' : 'held'))).toMatchObject({
      result: { kind: 'generator-limit' },
      steps: expect.arrayContaining(['grow 10 saturated', 'repeat 10 saturated', 'narrow 5 saturated']),
    });
    const nothing = search({ ...rules, unit: 'users' }, () => 'saturated');
    expect(nothing.result).toEqual({ kind: 'inconclusive', load: 1 });
    expect(nothing.steps).toHaveLength(5);
    // Once something else was seen, a single saturated step may be a disturbance.
    const mixed = search({ ...rules, unit: 'users' }, (_load, i) => (i === 1 ? 'saturated' : 'broke'));
    expect(mixed.steps.slice(0, 3)).toEqual(['grow 10 broke', 'narrow 5 saturated', 'repeat 5 broke']);
  });

  test('ends whatever the outcomes are, and within 100 steps', () => {
    const outcomes = fc.constantFrom<SearchOutcome>('held', 'broke', 'noisy', 'saturated');
    fc.assert(
      fc.property(
        fc.infiniteStream(outcomes),
        fc.constantFrom('users' as const, 'iterations/s' as const),
        fc.double({ min: 0.0001, max: 0.5, noNaN: true }),
        (stream, unit, precision) => {
          const { attempts, result } = search(
            { unit, from: 10, to: 1_000_000, precision },
            () => stream.next().value as SearchOutcome,
          );
          expect(attempts.length).toBeLessThanOrEqual(100);
          const held = attempts.filter(({ outcome }) => outcome === 'held').map(({ load }) => load);
          if ('safe' in result) expect(held).toContain(result.safe);
          else if (held.length === 0) expect(['none', 'inconclusive']).toContain(result.kind);
        },
      ),
    );
  });

  test('goes on below a load that breaks when it is confirmed', () => {
    let confirmations = 0;
    const attempts: SearchAttempt[] = [];
    for (;;) {
      const decision = decideNext(rules, attempts);
      if (decision.kind === 'done') {
        expect(decision.result).toEqual({ kind: 'found', safe: 47.5, breaking: 50 });
        break;
      }
      const isFirstConfirmation = decision.purpose === 'confirm' && confirmations++ === 0;
      attempts.push({ ...decision, outcome: isFirstConfirmation ? 'broke' : upTo(50)(decision.load) });
    }
    expect(confirmations).toBe(2);
  });

  test('accepts a confirmation that had to be repeated', () => {
    let confirms = 0;
    const attempts: SearchAttempt[] = [];
    for (let decision = decideNext(rules, attempts); ; decision = decideNext(rules, attempts)) {
      if (decision.kind === 'done') break;
      const isNoisy = decision.purpose === 'confirm' && confirms++ === 0;
      attempts.push({ ...decision, outcome: isNoisy ? 'noisy' : upTo(50)(decision.load) });
    }
    expect(attempts.slice(-2).map(({ purpose }) => purpose)).toEqual(['confirm', 'repeat']);
  });

  test('finds any capacity within its precision, and always ends', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 900, noNaN: true }),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        fc.constantFrom('users' as const, 'iterations/s' as const),
        (capacity, precision, unit) => {
          const { result, attempts } = search({ unit, from: 10, to: 1000, precision }, upTo(capacity));
          expect(result.kind).toBe('found');
          if (result.kind !== 'found') return;
          expect(result.safe).toBeLessThanOrEqual(capacity);
          expect(result.breaking).toBeGreaterThan(capacity);
          const step = unit === 'users' ? 1 : result.safe * 0.001;
          expect(result.breaking - result.safe).toBeLessThanOrEqual(
            Math.max(precision * result.safe, step) + 1e-9,
          );
          expect(attempts.length).toBeLessThan(30);
        },
      ),
    );
  });
});
