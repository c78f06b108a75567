// The schema of files of scenarios: users, durations and targets by name, and how likely each step is. Called by
// scenario-file.ts.

import type { Mistake } from '../model/errors.ts';
import {
  anyText,
  number,
  positive,
  probability,
  record,
  strictObject,
  text,
  whole,
} from './schema-fields.ts';
import { toMistakes } from './schema-issues.ts';

/** What a scenario must reach: rates per second, times in ms, shares in percent. */
export interface ScenarioTargets {
  readonly requests_per_second?: number;
  readonly p50_response_time_ms?: number;
  readonly p95_response_time_ms?: number;
  readonly p99_response_time_ms?: number;
  readonly cache_hit_rate?: number;
  readonly error_rate?: number;
}

export interface FileScenario {
  readonly description?: string;
  readonly concurrent_users: number;
  readonly test_duration_seconds: number;
  readonly targets?: ScenarioTargets;
}

export interface ScenarioFile {
  /** Name or path of the suite that says what the steps do. */
  readonly suite?: string;
  readonly scenarios: Readonly<Record<string, FileScenario>>;
  /** Chance of each step in an iteration, 0 to 1. */
  readonly request_patterns?: Readonly<Record<string, number>>;
}

const ms = positive('a time in ms above 0, such as 75.0');
const percent = number(0, 100, 'a share in percent from 0 to 100, such as 95.0');

const targets = strictObject(
  {
    requests_per_second: positive('a rate above 0, such as 1000.0').optional(),
    p50_response_time_ms: ms.optional(),
    p95_response_time_ms: ms.optional(),
    p99_response_time_ms: ms.optional(),
    cache_hit_rate: percent.optional(),
    error_rate: percent.optional(),
  },
  'targets such as { requests_per_second: 1000.0 }',
);

const longestSec = 3650 * 86_400;

const scenario = strictObject(
  {
    description: anyText.optional(),
    concurrent_users: whole(1, 100_000),
    test_duration_seconds: number(0.1, longestSec, 'a duration in seconds from 0.1 up, such as 600'),
    targets: targets.optional(),
  },
  'a scenario such as { concurrent_users: 500, test_duration_seconds: 120 }',
);

const scenarioFile = strictObject(
  {
    suite: text('the name or the path of a suite').optional(),
    scenarios: record(scenario, 'scenarios by name'),
    request_patterns: record(probability, 'steps with their probabilities').optional(),
  },
  'a file of scenarios: scenarios, request_patterns',
);

/** Everything wrong with the shape of a file of scenarios; empty for a sound one. */
export function findScenarioFileMistakes(file: unknown): Mistake[] {
  const result = scenarioFile.safeParse(file);
  return result.success ? [] : result.error.issues.flatMap((issue) => toMistakes(issue, file));
}
