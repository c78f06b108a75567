// Several profiles of one command: in which order they run, and what each waits for. Pure. Called by cli/choose-profiles.ts.

import type { SuiteDefinition } from '../model/suite.ts';

/** One profile of a course. */
export interface CourseStep {
  readonly profile: string;
  /** Profiles of the same course that must have passed before; they come earlier in it. */
  readonly needs: readonly string[];
}

/** The gate of suites that name none. */
const usualGate = 'smoke';

/** All profiles in the order of the suite's course, or as written, the gates first. */
export function profilesInOrder(suite: SuiteDefinition): string[] {
  const first = [...gatesOf(suite), ...(suite.course?.order ?? [])];
  return [...new Set([...first, ...Object.keys(suite.profiles)])];
}

/** The same without those that the course leaves out. */
export function profilesOfCourse(suite: SuiteDefinition): string[] {
  return profilesInOrder(suite).filter((profile) => suite.course?.without?.includes(profile) !== true);
}

/**
 * The chosen profiles, each once and after those that it needs, else in the order given. What is not chosen is not waited
 * for.
 */
export function courseOf(suite: SuiteDefinition, chosen: readonly string[]): CourseStep[] {
  const steps = new Map<string, CourseStep>();
  const add = (profile: string): void => {
    if (steps.has(profile)) return;
    const needs = needsOf(suite, profile).filter((one) => chosen.includes(one));
    for (const one of needs) add(one);
    steps.set(profile, { profile, needs });
  };
  for (const profile of chosen) add(profile);
  return [...steps.values()];
}

function gatesOf({ course, profiles }: SuiteDefinition): readonly string[] {
  return course?.gates ?? (Object.hasOwn(profiles, usualGate) ? [usualGate] : []);
}

function needsOf(suite: SuiteDefinition, profile: string): readonly string[] {
  const own = suite.profiles[profile]!.needs;
  if (own !== undefined) return own;
  const gates = gatesOf(suite);
  // What a gate itself waits for, it says itself; and what it waits for does not wait for it.
  return beforeGates(suite, gates).has(profile) ? [] : gates;
}

/** The gates with all that they need, directly or not. */
function beforeGates(suite: SuiteDefinition, gates: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (profile: string): void => {
    if (found.has(profile)) return;
    found.add(profile);
    for (const one of suite.profiles[profile]?.needs ?? []) add(one);
  };
  for (const gate of gates) add(gate);
  return found;
}
