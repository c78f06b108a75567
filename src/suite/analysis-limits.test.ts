import { expect, test } from 'vitest';
import type { SuiteDefinition } from '../model/suite.ts';
import { findAnalysisMistakes, planAnalysis } from './analysis-limits.ts';

const suite = (rules: unknown): unknown => ({ analysis: { rules } });
const planned = (rules: unknown) => planAnalysis(suite(rules) as SuiteDefinition);

test('unknown rules and signs are mistakes with the nearest name', () => {
  const [rule, sign, ...more] = findAnalysisMistakes(
    suite({ cpus: { off: true }, cpu: { limits: { cor: 0.9 } } }),
  );
  expect(more).toEqual([]);
  expect(rule).toMatchObject({ path: 'analysis.rules.cpus', suggestion: 'cpu' });
  expect(sign).toMatchObject({ path: 'analysis.rules.cpu.limits.cor', suggestion: 'core' });
});

test('limits in another unit are mistakes', () => {
  const wrong = {
    cpu: { limits: { core: '200ms', loop: '90%', machine: 1.5 } },
    statements: { limits: { slow: '10MB', running: '5/min' } },
  };
  expect(findAnalysisMistakes(suite(wrong)).map(({ path }) => path)).toEqual([
    'analysis.rules.cpu.limits.core',
    'analysis.rules.cpu.limits.loop',
    'analysis.rules.cpu.limits.machine',
    'analysis.rules.statements.limits.slow',
    'analysis.rules.statements.limits.running',
  ]);
});

test('a plan holds what differs, in plain numbers, and nothing where nothing does', () => {
  const rules = {
    cache: { off: true },
    cpu: { off: false, limits: { core: '95%', loop: '0.1s' } },
    statements: { limits: { slow: '1/s', running: 2 } },
    pool: {},
  };
  expect(findAnalysisMistakes(suite(rules))).toEqual([]);
  expect(planned(rules)).toEqual({
    analysis: {
      rules: {
        cache: { off: true },
        cpu: { limits: { core: 0.95, loop: 100 } },
        statements: { limits: { slow: 60, running: 2 } },
      },
    },
  });
  expect(planned({ pool: {} })).toEqual({});
  expect(planAnalysis({} as SuiteDefinition)).toEqual({});
});

test('names that objects have of themselves are no rules', () => {
  const odd = JSON.parse('{"__proto__": {"off": true}, "constructor": {}}') as unknown;
  expect(findAnalysisMistakes(suite(odd))).toHaveLength(2);
});
